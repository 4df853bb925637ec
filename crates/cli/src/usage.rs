//! `brasskey usage`: what was spent, by the receipts of this computer.

use crate::exit::Exit;
use crate::keys::print_json;
use crate::open::{open, told};

pub(crate) async fn run(json: bool) -> Exit {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let totals = app.totals(None).await;
    let keys = app.keys().await;
    app.quit().await;
    let (totals, keys) = match (totals, keys) {
        (Ok(totals), Ok(keys)) => (totals, keys),
        (Err(error), _) | (_, Err(error)) => return told(error),
    };
    if json {
        return print_json(&totals).err().unwrap_or(Exit::Done);
    }
    println!("{}: ${}", totals.month_of, totals.month.amount);
    if totals.month.unknown > 0 {
        println!(
            "{} calls of unknown cost are not in it.",
            totals.month.unknown
        );
    }
    for key in keys.keys.iter().filter(|key| key.last4.is_some()) {
        println!("  {}: ${}", key.label, key.spent_this_month);
    }
    Exit::Done
}
