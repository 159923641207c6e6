"""The site in a real browser: accessible, on a phone, without a script, on paper; copied, found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytestmark = pytest.mark.xdist_group("site")

KINDS = {
    "first page": "index.html",
    "tutorial": "tutorial.html",
    "reference": "reference/models.html",
    "search": "search.html?q=probabilistic",
    "atlas": "atlas/index.html",
    "model": "atlas/ppca.html",
    "refuted model": "atlas/student_t_known_dof.html",
    "derivation": "atlas/vae_1-derivation.html",
    "family": "atlas/families/gamma.html",
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address) -> Iterator:
    """Opens a page in a context of its own; whatever it asks of others fails the test."""
    contexts, asked = [], []

    def visited(path, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + path)
        return page

    yield visited
    for context in contexts:
        context.close()
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


#: Axe's rules that look at colours: all that another colour scheme may change.
COLOURS = ["color-contrast", "link-in-text-block"]
UNFOLD = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Marks formulas in which all words look as in three before: colour and ground, large or not.
#: Axe judges no single letters, of which pages have thousands, but takes seconds to find that out.
ALIKE = """() => {
  const looks = (part) => {
    const style = getComputedStyle(part), found = [style.color, parseFloat(style.fontSize) > 18];
    for (let on = part; on; on = on.parentElement) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(on);
      found.push(opacity, backgroundImage);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') return [...found, backgroundColor].join();
    }
    return found.join();
  };
  const shown = {};
  for (const math of document.querySelectorAll('math')) {
    const words = [...math.querySelectorAll('*')].filter((part) => !part.childElementCount
      && part.textContent.length > 1 && part.checkVisibility({ visibilityProperty: true }));
    const found = new Set(words.map(looks));
    math.toggleAttribute('data-alike', [...found].every((look) => shown[look] >= 3));
    for (const look of found) shown[look] = (shown[look] ?? 0) + 1;
  }
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(visit, kind):
    """With all that folds unfolded, in a light and a dark scheme."""
    page = visit(KINDS[kind], color_scheme="light")
    page.evaluate(UNFOLD)
    assert axe(page, rules={rule: {"enabled": False} for rule in COLOURS}) == []
    assert colours(page) == []
    page.emulate_media(color_scheme="dark")
    assert colours(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(WIDER) == 0


def test_axe_sees_colours_that_are_no_contrast(visit):
    """In text, and in one formula among others."""
    page = visit(KINDS["family"])
    page.evaluate(UNFOLD)
    formulas = page.locator("math")
    assert formulas.count() > 6
    assert colours(page) == []
    for style in ("color: #ddd", "opacity: 0.2"):
        formulas.last.evaluate("(math, style) => { math.style = style; }", style)
        assert "color-contrast" in {rule for rule, _ in colours(page)}
    formulas.last.evaluate("(math) => { math.style = ''; }")
    page.evaluate("document.body.style = 'color: #aaa !important; background: #bbb !important'")
    page.evaluate("document.querySelector('h1').style = 'color: #777; background: #888'")
    assert "color-contrast" in {rule for rule, _ in colours(page)}


def colours(page) -> list:
    """What violates a rule on colours; of formulas that look alike, the first is asked."""
    page.evaluate(ALIKE)
    return axe(page, {"exclude": [["math[data-alike] > *"]]}, runOnly=COLOURS)


def axe(page, context=None, **options) -> list:
    """What violates a rule; without the list of what violates none, which takes long."""
    from axe_playwright_python.sync_playwright import Axe

    run = Axe().run(page, context, {"resultTypes": ["violations"], **options})
    return [
        (v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in run.response["violations"]
    ]


def wait_for_models(page, count):
    """The page's script answers after the event."""
    from playwright.sync_api import expect

    expect(page.locator(".models > li:visible")).to_have_count(count)


def test_facets_and_search_narrow_the_list_and_stand_in_the_address(visit):
    page = visit("atlas/index.html")
    shown = page.locator(".models > li:visible")
    wait_for_models(page, 3)
    page.select_option("select[name=verdict]", "proved")
    wait_for_models(page, 2)
    page.fill("input[name=text]", "tipping")
    wait_for_models(page, 1)
    assert shown.all_inner_texts()[0].startswith("Probabilistic PCA")
    assert page.locator("output").inner_text() == "1 of 3 models"
    assert page.evaluate("location.hash") == "#text=tipping&verdict=proved"
    page.reload()
    wait_for_models(page, 1)
    page.click("button[type=reset]")
    wait_for_models(page, 3)


def test_a_facet_of_a_model_leads_to_all_that_have_it(visit):
    page = visit("atlas/ppca.html")
    page.click(".facets a:text-is('factor models')")
    page.wait_for_url("**/index.html#group=factor%20models")
    wait_for_models(page, 1)


def test_the_list_is_used_with_the_keyboard_alone(visit):
    page = visit("atlas/index.html")
    page.focus("input[name=text]")
    page.keyboard.type("student")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "verdict"
    wait_for_models(page, 1)


def test_a_link_to_a_formula_unfolds_its_step(visit):
    page = visit("atlas/ppca.html#p-x-2")
    formula = page.locator("#p-x-2")
    formula.wait_for(state="visible")
    assert page.locator("details#p-x").get_attribute("open") is not None
    assert formula.locator("a.headerlink").get_attribute("href") == "#p-x-2"


def click(page, button) -> None:
    """And wait until the button says that it copied."""
    pressed = button.element_handle()
    pressed.click()
    page.wait_for_function("(button) => button.textContent === 'Copied'", arg=pressed)


def test_buttons_copy_latex_python_and_files(visit, site):
    page = visit("atlas/ppca.html", permissions=["clipboard-read", "clipboard-write"])
    read = "navigator.clipboard.readText()"
    files = site / "atlas/files"
    expected = {
        "Copy Python": 'ep.prove("ppca")',
        "Copy LaTeX": r"\mathcal{H}[q(\mathbf{z})]",
        "Copy model file": (files / "ppca.py").read_text(),
        "Copy generated code": (files / "ppca_numpy.py").read_text(),
        "Copy BibTeX": (files / "ppca.bib").read_text(),
        "Copy certificate": (files / "ppca.json").read_text(),
    }
    for name, text in expected.items():
        click(page, page.get_by_role("button", name=name, exact=True).first)
        assert text in page.evaluate(read), name
    page.hover("#definition-2")
    click(page, page.locator("#definition-2 button"))
    assert r"\prod_{h=1}^{H}" in page.evaluate(read)


def test_it_reads_without_a_script(visit):
    page = visit("atlas/index.html", java_script_enabled=False)
    assert page.locator(".models > li:visible").count() == 3
    assert page.locator("form.narrow:visible").count() == 0
    page.click("a:text-is('Probabilistic PCA')")
    assert page.locator("button.copy:visible").count() == 0
    step = page.locator("details#p-x")
    step.locator("summary").click()
    assert step.locator("math").first.is_visible()


def test_paper_has_the_folded_steps_and_no_buttons(visit):
    page = visit("atlas/ppca.html")
    page.emulate_media(media="print")
    assert page.locator("details#p-x math").first.bounding_box()["height"] > 0
    assert page.locator("button.copy:visible").count() == 0
    assert len(page.pdf(format="A4")) > 10_000


def test_the_site_has_one_search(visit):
    page = visit("search.html?q=probabilistic+PCA")
    page.locator("#search-results li a").first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert "Probabilistic PCA" in found
