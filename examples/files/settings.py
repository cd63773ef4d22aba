"""pydantic-settings reads a file for every field, as the format `keys` writes them."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(secrets_dir="/run/app-secrets", extra="ignore")

    session_key: str = Field(alias="SESSION_KEY")
