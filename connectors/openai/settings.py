"""What the environment says about the language model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.http import check_address, host_of

HOSTS = ("api.openai.com",)


class OpenAISettings(BaseModel):
    """One model behind any address that speaks OpenAI's chat completions."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(alias="OPENAI_API_KEY", min_length=1, description="The key of the model's provider, "
                               "from its API keys page")
    model: str = Field("gpt-5.4-mini", alias="OPENAI_MODEL", min_length=1, description="The model's name")
    base_url: str = Field("https://api.openai.com/v1", alias="OPENAI_BASE_URL", description="The API's address")
    private: bool = Field(False, alias="OPENAI_PRIVATE_ADDRESS")
    """The server stands in the own network; otherwise a name that leads there is not followed."""
    seconds: float | None = Field(None, alias="OPENAI_TIMEOUT", gt=0, le=120)
    """How long a model may think; without it, as long as any other vendor may."""

    @field_validator("base_url")
    @classmethod
    def https_or_loopback(cls, url: str) -> str:
        """Compatible servers stand anywhere; the key is sent to https addresses and loopback only."""
        return check_address(url, [host_of(url)])
