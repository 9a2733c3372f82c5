"""The words of pages, read from the catalogs, so that a story needn't be told anew when a word changes."""

import re
from pathlib import Path

LANGUAGES = ("ko", "en")
LOCALES = Path(__file__).parents[2] / "templates" / "locales"


class Words:
    """The phrases of one language, those without variables."""

    def __init__(self, language):
        self.language = language
        self._phrases = {}
        for catalog in sorted((LOCALES / language).glob("*.ftl")):
            for line in catalog.read_text(encoding="utf-8").splitlines():
                found = re.match(r"([a-z][a-z0-9-]*) = (.*)", line)
                if found:
                    self._phrases[found[1]] = found[2]

    def say(self, key, **variables):
        """A phrase with its variables filled."""
        phrase = self._phrases[key]
        for name, value in variables.items():
            phrase = phrase.replace(f"{{ ${name} }}", str(value))
        assert "{" not in phrase, f"{key} has more variables than {variables}: {phrase}"
        return phrase
