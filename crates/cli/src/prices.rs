//! `brasskey prices`: what was negotiated with providers, from a sheet.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use brasskey_app::App;

use crate::arguments::Prices;
use crate::exit::Exit;
use crate::keys::print_json;
use crate::open::{open, told};
use crate::table;

/// One byte more than a sheet may have is read, so that a longer one is told.
const LONGEST: u64 = 4 * 1024 * 1024 + 1;

pub(crate) async fn run(prices: Prices) -> Exit {
    let app = match open().await {
        Ok(app) => app,
        Err(exit) => return exit,
    };
    let done = match prices {
        Prices::Import { file } => import(&app, &file).await,
        Prices::List { json } => list(&app, json),
        Prices::Forget => app.forget_prices().await.map_err(told).map(|()| {
            println!("The listed prices hold again. Receipts stay as they are.");
        }),
    };
    app.quit().await;
    done.err().unwrap_or(Exit::Done)
}

async fn import(app: &App, file: &Path) -> Result<(), Exit> {
    let mut csv = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut csv));
    if let Err(error) = read {
        eprintln!("brasskey: {} cannot be read: {error}", file.display());
        return Err(Exit::Usage);
    }
    match app.import_prices(&csv).await.map_err(told)? {
        Ok(prices) => {
            println!("{} prices hold from the next call on.", prices.len());
            Ok(())
        }
        Err(problems) => {
            for problem in &problems {
                let column = problem.column.as_deref();
                let column = column.map_or_else(String::new, |column| format!(", column {column}"));
                eprintln!("line {}{column}: {}", problem.line, problem.what);
            }
            eprintln!("Nothing was imported.");
            Err(Exit::Request)
        }
    }
}

fn list(app: &App, json: bool) -> Result<(), Exit> {
    let prices = app.negotiated_prices();
    if json {
        return print_json(&prices);
    }
    if prices.is_empty() {
        println!("Nothing was negotiated: the listed prices hold.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = prices
        .into_iter()
        .map(|price| {
            vec![
                price.row,
                format!("${}", price.input),
                format!("${}", price.output),
            ]
        })
        .collect();
    table::print(&["PRICE", "INPUT/M", "OUTPUT/M"], &rows);
    Ok(())
}
