"""A language model behind OpenAI's API. What it is asked, and why so, stands in README.md."""

from __future__ import annotations

from connectors.contract import Connector
from connectors.openai.checks import checks
from connectors.openai.model import OpenAIModel
from connectors.openai.rehearsal import OpenAIRehearsal
from connectors.openai.settings import HOSTS, OpenAISettings

CONNECTOR = Connector(name="openai", role="model", settings=OpenAISettings, connect=OpenAIModel,
                      production_hosts=HOSTS, checks=checks, rehearsal=OpenAIRehearsal)

__all__ = ["CONNECTOR", "OpenAIModel", "OpenAISettings"]
