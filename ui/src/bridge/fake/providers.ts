/** The providers that the key form offers, as the real backend lists them. */
import type { ProviderId, ProviderPage, ProviderView } from "../bindings";
import { providerName } from "./state";

const console: ProviderPage[] = ["keys", "billing", "limits", "usage", "status", "permissions", "regions"];
const some: ProviderPage[] = ["keys", "billing", "status"];

function provider(
  id: ProviderId,
  defaultBaseUrl: string | null,
  keyPrefix: string | null,
  pages: ProviderPage[],
  more: Partial<ProviderView> = {},
): ProviderView {
  return {
    id,
    name: providerName[id],
    defaultBaseUrl,
    baseUrlExample: null,
    keyPrefix,
    keyless: false,
    pages,
    ...more,
  };
}

/** An endpoint of the user's own. */
const own = (id: ProviderId, baseUrlExample: string | null, pages: ProviderPage[], keyless = false): ProviderView =>
  provider(id, null, null, pages, { baseUrlExample, keyless });

export const providers: ProviderView[] = [
  provider("anthropic", "https://api.anthropic.com/v1", "sk-ant-", console),
  provider("openai", "https://api.openai.com/v1", "sk-", console),
  provider("gemini", "https://generativelanguage.googleapis.com/v1beta", "AQ.", console),
  provider("openrouter", "https://openrouter.ai/api/v1", "sk-or-v1-", ["keys", "billing", "usage", "status"]),
  provider("mistral", "https://api.mistral.ai/v1", null, ["keys", "billing", "limits", "usage", "status"]),
  provider("groq", "https://api.groq.com/openai/v1", "gsk_", ["keys", "billing", "limits", "status"]),
  provider("deepseek", "https://api.deepseek.com", null, ["keys", "billing", "usage", "status"]),
  provider("xai", "https://api.x.ai/v1", "xai-", ["keys", "billing", "limits", "usage", "status"]),
  provider("together", "https://api.together.ai/v1", "tgp_", some),
  provider("fireworks", "https://api.fireworks.ai/inference/v1", "fw_", some),
  provider("cohere", "https://api.cohere.ai/compatibility/v1", null, some),
  provider("perplexity", "https://api.perplexity.ai/v1", "pplx-", some),
  own("azure_openai", "https://RESOURCE.openai.azure.com/openai/v1", some),
  own("bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", some),
  own("vertex", "https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION", some),
  own("openai_compatible", null, [], true),
  own("anthropic_compatible", null, [], true),
  own("gemini_compatible", null, [], true),
];
