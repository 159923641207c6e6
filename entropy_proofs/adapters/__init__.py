"""Fitted estimators of other libraries, as models with parameters: one file for each family."""
