"""All campaigns; a new one is a line here."""

from __future__ import annotations

from campaign.models.campaign import Models
from campaign.outcome import Campaign
from campaign.steps.campaign import Steps

CAMPAIGNS: tuple[Campaign, ...] = (Models(), Steps())
