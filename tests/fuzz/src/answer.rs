//! A provider's stream, in each protocol and in chunks of any size: one end, last; the same events however it is cut.

use brasskey_providers::{AnswerStream, Endpoint, Event, Provider};
use futures::StreamExt;
use futures::executor::block_on;
use futures::stream;

/// One provider for each protocol.
pub(crate) const PROVIDERS: [Provider; 4] = [
    Provider::OpenAi,
    Provider::OpenRouter,
    Provider::Anthropic,
    Provider::Gemini,
];

/// The protocol's endpoint, the size of a chunk, and the bytes.
pub(crate) fn parts(input: &[u8]) -> Option<(Endpoint, usize, &[u8])> {
    let (protocol, rest) = input.split_first()?;
    let (size, bytes) = rest.split_first()?;
    let provider = PROVIDERS.get(usize::from(*protocol) % PROVIDERS.len())?;
    let endpoint = Endpoint::of(*provider)?;
    Some((endpoint, usize::from(*size) + 1, bytes))
}

fn events(endpoint: &Endpoint, chunks: Vec<Vec<u8>>) -> Vec<Event> {
    block_on(AnswerStream::replay(endpoint, stream::iter(chunks)).collect())
}

pub(crate) fn check(input: &[u8]) {
    let Some((endpoint, size, bytes)) = parts(input) else {
        return;
    };
    let whole = events(&endpoint, vec![bytes.to_vec()]);
    let is_end = |event: &&Event| matches!(event, Event::End(_));
    assert_eq!(whole.iter().filter(is_end).count(), 1, "{whole:?}");
    assert!(whole.last().as_ref().is_some_and(is_end), "{whole:?}");
    let is_started = |event: &&Event| matches!(event, Event::Started { .. });
    let started = whole.iter().filter(is_started).count();
    assert!(started <= 1, "{whole:?}");
    assert!(
        started == 0 || whole.first().as_ref().is_some_and(is_started),
        "{whole:?}"
    );
    let chunks = bytes.chunks(size).map(<[u8]>::to_vec).collect();
    let cut = events(&endpoint, chunks);
    assert_eq!(whole, cut, "in chunks of {size}");
}
