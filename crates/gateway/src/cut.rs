//! The last event of a stream that reached its limit, as the protocol's clients read an error inside a stream.
//!
//! It follows a whole event and stands in the place of the protocol's own end, so that no client takes the answer for a
//! whole one.

use brasskey_providers::Protocol;
use bytes::Bytes;

/// The event.
pub(crate) fn event(protocol: Protocol) -> Bytes {
    Bytes::from_static(match protocol {
        Protocol::OpenAiChat => {
            b"data: {\"error\":{\"message\":\"The budget for this answer is used up.\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"allowance-spent\"}}\n\n"
        }
        Protocol::OpenAiResponses => {
            b"event: error\ndata: {\"type\":\"error\",\"code\":\"allowance-spent\",\"message\":\"The budget for this answer is used up.\",\"param\":null}\n\n"
        }
        Protocol::AnthropicMessages => {
            b"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"billing_error\",\"message\":\"The budget for this answer is used up.\"}}\n\n"
        }
        Protocol::Gemini => {
            b"data: {\"error\":{\"code\":402,\"message\":\"The budget for this answer is used up.\",\"status\":\"RESOURCE_EXHAUSTED\"}}\n\n"
        }
    })
}
