/** The providers that the key form offers, as the real backend lists them. */
import type { ProviderPage, ProviderView } from "../bindings";

const console: ProviderPage[] = ["keys", "billing", "limits", "usage", "status", "permissions", "regions"];

export const providers: ProviderView[] = [
  {
    id: "anthropic",
    name: "Anthropic",
    defaultBaseUrl: "https://api.anthropic.com",
    keyPrefix: "sk-ant-",
    keyless: false,
    pages: console,
  },
  {
    id: "openai",
    name: "OpenAI",
    defaultBaseUrl: "https://api.openai.com/v1",
    keyPrefix: "sk-",
    keyless: false,
    pages: console,
  },
  {
    id: "gemini",
    name: "Google Gemini",
    defaultBaseUrl: "https://generativelanguage.googleapis.com",
    keyPrefix: "AIza",
    keyless: false,
    pages: console,
  },
  {
    id: "openrouter",
    name: "OpenRouter",
    defaultBaseUrl: "https://openrouter.ai/api/v1",
    keyPrefix: "sk-or-",
    keyless: false,
    pages: ["keys", "billing", "usage", "status"],
  },
  {
    id: "openai_compatible",
    name: "OpenAI-compatible",
    defaultBaseUrl: null,
    keyPrefix: null,
    keyless: true,
    pages: [],
  },
];
