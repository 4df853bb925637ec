//! `cargo xtask prices`: writes the embedded price list, `crates/metering/data/prices.json`, from two published ones.
//!
//! LiteLLM's list leads: it alone has service tiers, retentions, factors and off-peak hours. genai-prices adds dated
//! changes, models and figures that the first one lacks, and checks the rest: where the two disagree the higher figure
//! is kept and marked as disputed. Reads local files only, and never passes a price through a float.

mod genai;
mod litellm;
mod merge;
mod python;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io, io::Write as _};

use brasskey_metering::{ListName, ListedModel, PriceBook, PriceList, PriceListError};

use crate::workspace::Workspace;

/// Where LiteLLM stands in the list of lists.
const LITELLM: usize = 0;
/// Where genai-prices stands in the list of lists.
const GENAI: usize = 1;

/// What the price list is made of. Both packages are on PyPI: `pip download --no-deps litellm genai-prices`, then unzip.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// `litellm/model_prices_and_context_window_backup.json` of an unpacked `litellm` package.
    #[arg(long)]
    litellm: PathBuf,
    /// `genai_prices/data.py` of an unpacked `genai-prices` package.
    #[arg(long)]
    genai: PathBuf,
    /// The ISO day on which these versions were the published ones.
    #[arg(long)]
    as_of: String,
}

/// Why no price list was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PricesError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder beside the package does not tell its version.
    #[error("no `{package}-VERSION.dist-info` folder beside {path}: unpack the whole package")]
    Version {
        /// The package.
        package: &'static str,
        /// The file that was given.
        path: PathBuf,
    },
    /// A published list does not look as it used to.
    #[error("{path}: {what}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is unexpected.
        what: String,
    },
    /// The list that was made is not one that Brasskey accepts.
    #[error(transparent)]
    List(#[from] PriceListError),
    /// The list could not be written as JSON.
    #[error("cannot write the list: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes the price list again and tells what is in it.
///
/// # Errors
/// [`PricesError`]; the list in the checkout is then unchanged.
pub(crate) fn write(workspace: &Workspace, options: &Options) -> Result<(), PricesError> {
    let litellm_version = version("litellm", &options.litellm)?;
    let genai_version = version("genai_prices", &options.genai)?;
    let litellm = read(&options.litellm, litellm::models)?;
    let genai = read(&options.genai, genai::models)?;
    let name = |list: &str, version: &str| ListName {
        name: format!("{list} {version}"),
        as_of: options.as_of.clone(),
    };
    let list = PriceList {
        lists: vec![
            name("LiteLLM", &litellm_version),
            name("genai-prices", &genai_version),
        ],
        models: merge::models(litellm, &genai, &options.as_of),
    };
    PriceBook::new(&list)?;
    let path = workspace.root.join("crates/metering/data/prices.json");
    let text = one_model_a_line(&list)?;
    replace(&path, &text).map_err(|source| PricesError::File {
        path: path.clone(),
        source,
    })?;
    println!("{}: {} bytes", path.display(), text.len());
    print!("{}", summary(&list.models));
    Ok(())
}

/// Writes beside the file and renames, so that a full disk leaves the old list whole.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<T, PricesError> {
    let text = fs::read_to_string(path).map_err(|source| PricesError::File {
        path: path.to_owned(),
        source,
    })?;
    parse(&text).map_err(|what| PricesError::Shape {
        path: path.to_owned(),
        what,
    })
}

/// The version of the package that a file belongs to: an unpacked package has its name and version beside it.
fn version(package: &'static str, file: &Path) -> Result<String, PricesError> {
    let unknown = || PricesError::Version {
        package,
        path: file.to_owned(),
    };
    let folder = file.ancestors().nth(2).ok_or_else(unknown)?;
    let entries = folder.read_dir().map_err(|source| PricesError::File {
        path: folder.to_owned(),
        source,
    })?;
    let versions = entries.filter_map(Result::ok).filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let version = name
            .strip_prefix(package)?
            .strip_prefix('-')?
            .strip_suffix(".dist-info")?;
        Some(version.to_owned())
    });
    versions.max().ok_or_else(unknown)
}

/// JSON with one model a line, so that a change of the list can be reviewed.
fn one_model_a_line(list: &PriceList) -> Result<String, serde_json::Error> {
    let lists = serde_json::to_string(&list.lists)?;
    let models: Vec<String> = list
        .models
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()?;
    Ok(format!(
        "{{\"lists\":{lists},\n\"models\":[\n{}\n]}}\n",
        models.join(",\n")
    ))
}

/// Models by family, and every disputed one by name, since these deserve a look.
fn summary(models: &[ListedModel]) -> String {
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    let mut text = String::new();
    for model in models {
        *families.entry(&model.family).or_default() += 1;
        for period in model.periods.iter().filter(|period| period.disputed) {
            let from = period.from.as_deref().unwrap_or("always");
            text.push_str(&format!(
                "disputed: {}/{} from {from}\n",
                model.family, model.model
            ));
        }
    }
    let counts: Vec<String> = families
        .iter()
        .map(|(family, count)| format!("{family} {count}"))
        .collect();
    format!("{} models: {}\n{text}", models.len(), counts.join(", "))
}
