//! How many tests ran, read from what the runners write at their end.

/// Who ran the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// cargo-nextest, or `cargo test` where that is missing.
    Cargo,
    /// Vitest.
    Vitest,
    /// Playwright's test runner.
    Playwright,
}

/// Tests by result. Skipped ones are neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Those that passed.
    pub passed: u64,
    /// Those that failed, ran out of time or could not start.
    pub failed: u64,
}

impl Count {
    /// Adds another count to this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Whether no test ran.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Counts the tests in the output of a runner.
pub(crate) fn read(runner: Runner, output: &str) -> Count {
    let output = without_colours(output);
    match runner {
        Runner::Cargo => nextest(&output).unwrap_or_else(|| sum(&output, libtest)),
        Runner::Vitest => sum(&output, vitest),
        Runner::Playwright => sum(&output, playwright),
    }
}

fn sum(output: &str, read_line: impl Fn(&str) -> Option<Count>) -> Count {
    let mut total = Count::default();
    for count in output.lines().filter_map(read_line) {
        total.add(count);
    }
    total
}

/// `     Summary [   1.2s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`. The last such line counts:
/// a failing test may have written one of its own. Whatever ran and did not pass has failed.
fn nextest(output: &str) -> Option<Count> {
    let (_, summary) = output.lines().rev().find_map(|line| {
        line.trim_start()
            .strip_prefix("Summary [")?
            .split_once("] ")
    })?;
    let (run, results) = summary.split_once(" run: ")?;
    // "3/5 tests" when the run was broken off: three ran.
    let run: u64 = run.split(['/', ' ']).next()?.parse().ok()?;
    let passed = number_before(results, "passed").unwrap_or(0);
    Some(Count {
        passed,
        failed: run.saturating_sub(passed),
    })
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn libtest(line: &str) -> Option<Count> {
    let results = line.strip_prefix("test result: ")?;
    Some(Count {
        passed: number_before(results, "passed")?,
        failed: number_before(results, "failed")?,
    })
}

/// `      Tests  1 failed | 3 passed | 2 skipped (6)`
fn vitest(line: &str) -> Option<Count> {
    let results = line.trim_start().strip_prefix("Tests ")?;
    let count = Count {
        passed: number_before(results, "passed").unwrap_or(0),
        failed: number_before(results, "failed").unwrap_or(0),
    };
    (!count.is_empty()).then_some(count)
}

/// `  12 passed (3.4s)`, `  1 failed`, `  1 flaky`, `  2 did not run`, each on its own line. A flaky test is a failed one.
fn playwright(line: &str) -> Option<Count> {
    let mut words = line.split_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    match (words.next()?, words.next()) {
        ("passed", None) => Some(Count {
            passed: number,
            failed: 0,
        }),
        ("passed", Some(time)) if time.starts_with('(') => Some(Count {
            passed: number,
            failed: 0,
        }),
        ("failed" | "flaky" | "interrupted", None) => Some(Count {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

/// The number that stands before a word: 3 in `1 failed, 3 passed (1 slow)` for `passed`.
fn number_before(text: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = text
        .split([' ', ',', ';', '|', '(', ')'])
        .filter(|part| !part.is_empty())
        .collect();
    words.windows(2).find(|pair| pair[1] == word)?[0]
        .parse()
        .ok()
}

/// Removes terminal colours: ESC `[` … letter.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u64, failed: u64) -> Count {
        Count { passed, failed }
    }

    #[test]
    fn nextest_is_counted_by_what_ran_and_what_passed() {
        let read = |line: &str| {
            read(
                Runner::Cargo,
                &format!("    Starting 5 tests across 2 binaries\n{line}\n"),
            )
        };
        assert_eq!(
            read("     Summary [   0.005s] 3 tests run: 3 passed, 0 skipped"),
            count(3, 0)
        );
        assert_eq!(
            read("     Summary [   0.005s] 1 test run: 1 passed, 4 skipped"),
            count(1, 0)
        );
        assert_eq!(
            read(
                "     Summary [  12.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped"
            ),
            count(3, 2)
        );
        assert_eq!(
            read("     Summary [  12.1s] 3/5 tests run: 2 passed, 1 failed, 0 skipped"),
            count(2, 1)
        );
        assert_eq!(
            read("     Summary [  12.1s] 2 tests run: 0 passed, 2 failed, 0 skipped"),
            count(0, 2)
        );
    }

    #[test]
    fn a_failing_test_cannot_write_its_own_summary() {
        let output = "stdout ───\nSummary [ 0s] 99 tests run: 99 passed, 0 skipped\n\
                      test result: ok. 50 passed; 0 failed; 0 ignored\n     \
                      Summary [ 1s] 2 tests run: 1 passed, 1 failed, 0 skipped\n";
        assert_eq!(read(Runner::Cargo, output), count(1, 1));
    }

    #[test]
    fn cargo_test_is_summed_over_its_binaries() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                      test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(read(Runner::Cargo, output), count(6, 1));
    }

    #[test]
    fn vitest_is_counted_by_tests_and_not_by_files() {
        let output = "\u{1b}[2m Test Files \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m | 2 passed (3)\n\
                      \u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m14 passed\u{1b}[39m | 2 skipped (17)\n   \
                      Start at  12:00:00\n   Duration  1.20s (transform 20ms, tests 12ms)\n";
        assert_eq!(read(Runner::Vitest, output), count(14, 1));
        assert_eq!(
            read(Runner::Vitest, "      Tests  5 passed (5)\n"),
            count(5, 0)
        );
    }

    #[test]
    fn playwright_counts_a_flaky_test_as_failed() {
        let output = "Running 15 tests using 2 workers\n  1 failed\n    [chromium] › keys.spec.ts:3:1 › adds a key\n  \
                      1 flaky\n    [chromium] › chat.spec.ts:3:1 › answers\n  2 skipped\n  1 did not run\n  12 passed (3.4s)\n";
        assert_eq!(read(Runner::Playwright, output), count(12, 2));
        assert_eq!(read(Runner::Playwright, "  3 passed (1.2m)\n"), count(3, 0));
    }

    #[test]
    fn silence_is_no_test_at_all() {
        for runner in [Runner::Cargo, Runner::Vitest, Runner::Playwright] {
            assert!(read(runner, "error: could not compile\n 3 things to do\n").is_empty());
        }
    }
}
