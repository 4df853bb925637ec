//! Which other id of the same model may be looked up when a served id has no price of its own.

/// The id without the date of its snapshot: `gpt-6.1-sol-2026-09-30`, `claude-opus-5-5-20260918` and
/// `claude-opus-5-5@20260918` are snapshots of `gpt-6.1-sol` and `claude-opus-5-5`.
///
/// Nothing else is cut off: `-mini`, `-latest`, `-preview-09-2026`, `-2411` and `:free` name models of their own.
pub(crate) fn without_date(model: &str) -> Option<&str> {
    let undated = strip_dashed_date(model).or_else(|| strip_compact_date(model))?;
    let undated = undated.strip_suffix(['-', '@'])?;
    (!undated.is_empty()).then_some(undated)
}

/// `…2026-09-30`
fn strip_dashed_date(model: &str) -> Option<&str> {
    let (rest, date) = model.split_at_checked(model.len().checked_sub(10)?)?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && is_date(year, month, day)).then_some(rest)
}

/// `…20260930`
fn strip_compact_date(model: &str) -> Option<&str> {
    let (rest, date) = model.split_at_checked(model.len().checked_sub(8)?)?;
    let (year, month_and_day) = date.split_at_checked(4)?;
    let (month, day) = month_and_day.split_at_checked(2)?;
    is_date(year, month, day).then_some(rest)
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    matches!(number(year, 4), Some(2020..=2099))
        && matches!(number(month, 2), Some(1..=12))
        && matches!(number(day, 2), Some(1..=31))
}
