//! Reading the file of an export, item by item, so that its size does not matter. Every byte of it may be hostile: it is refused
//! with the place of what is wrong, and never believed about its own size, order or depth.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use brasskey_ledger::{Receipt, Role, State};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use super::format::{ConversationEntry, FORMAT, ProjectEntry, VERSION};
use super::view::ImportProblem;

/// No conversation, project or receipt is larger: it is in memory while it is added.
const LARGEST_ITEM: u64 = 256 * 1024 * 1024;
/// Longest name of a project and title of a conversation, in characters: as where they are typed.
const LONGEST_NAME: usize = 200;

/// Something that stands in the file.
#[derive(Debug)]
pub(super) enum Item {
    Project(ProjectEntry),
    Conversation(Box<ConversationEntry>),
    Receipt(Box<Receipt>),
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not as it should be, at this line and column.
    File(ImportProblem, Option<(u32, u32)>),
    /// The disk did not give it.
    Disk(io::Error),
    /// Whoever listens wants no more.
    Stopped,
}

/// Reads a file and hands over each item that is as it should be; `false` from the listener ends it.
pub(super) fn read(file: impl Read, listener: &mut dyn FnMut(Item) -> bool) -> Result<(), Refused> {
    read_up_to(LARGEST_ITEM, file, listener)
}

/// As [`read`], with items up to this size.
pub(super) fn read_up_to(
    largest: u64,
    file: impl Read,
    listener: &mut dyn FnMut(Item) -> bool,
) -> Result<(), Refused> {
    let left = Rc::new(Cell::new(largest));
    let reason = Cell::new(None);
    let bounded = Bounded {
        file,
        left: left.clone(),
    };
    // Deeper than 128 levels is refused by serde_json itself.
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(bounded));
    let document = Document {
        largest,
        left: &left,
        reason: &reason,
        listener,
    };
    json.deserialize_map(document)
        .and_then(|()| json.end())
        .map_err(|error| refusal(error, reason.take()))
}

/// Why reading ended early, beside what the parser says.
enum Reason {
    Problem(ImportProblem),
    Stopped,
}

fn refusal(error: serde_json::Error, reason: Option<Reason>) -> Refused {
    let at = u32::try_from(error.line())
        .ok()
        .zip(u32::try_from(error.column()).ok())
        .filter(|(line, _)| *line > 0);
    match reason {
        Some(Reason::Stopped) => Refused::Stopped,
        Some(Reason::Problem(problem)) => Refused::File(problem, at),
        None if error.is_io() => match io::Error::from(error) {
            large if large.kind() == io::ErrorKind::FileTooLarge => {
                Refused::File(ImportProblem::TooLarge, None)
            }
            // Not text at all.
            bytes if bytes.kind() == io::ErrorKind::InvalidData => {
                Refused::File(ImportProblem::Damaged, None)
            }
            other => Refused::Disk(other),
        },
        None => Refused::File(ImportProblem::Damaged, at),
    }
}

/// Gives out no more than what is left for the item that is being read.
struct Bounded<R> {
    file: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match self.left.get().checked_sub(count as u64) {
            Some(left) => self.left.set(left),
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(count)
    }
}

/// The whole file.
struct Document<'a> {
    largest: u64,
    left: &'a Cell<u64>,
    reason: &'a Cell<Option<Reason>>,
    listener: &'a mut dyn FnMut(Item) -> bool,
}

impl Document<'_> {
    fn fail<E: serde::de::Error>(&self, problem: ImportProblem) -> E {
        self.reason.set(Some(Reason::Problem(problem)));
        E::custom("not as it should be")
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an export")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut is_ours = false;
        let mut is_known = false;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "format" => {
                    is_ours = map.next_value::<serde_json::Value>()? == FORMAT;
                    if !is_ours {
                        return Err(self.fail(ImportProblem::NotBrasskey));
                    }
                }
                "version" => {
                    if map.next_value::<u32>()? > VERSION {
                        return Err(self.fail(ImportProblem::Newer));
                    }
                    is_known = true;
                }
                // What comes before the file has said what it is cannot be understood.
                _ if !is_ours => return Err(self.fail(ImportProblem::NotBrasskey)),
                "projects" | "conversations" | "receipts" if !is_known => {
                    return Err(self.fail(ImportProblem::Damaged));
                }
                "projects" => map.next_value_seed(self.each(|mut project: ProjectEntry| {
                    cut(&mut project.name);
                    (!project.name.trim().is_empty()).then_some(Item::Project(project))
                }))?,
                "conversations" => {
                    map.next_value_seed(self.each(|mut whole: ConversationEntry| {
                        cut(&mut whole.title);
                        is_sound(&whole).then(|| Item::Conversation(Box::new(whole)))
                    }))?
                }
                "receipts" => map.next_value_seed(
                    self.each(|receipt: Receipt| Some(Item::Receipt(Box::new(receipt)))),
                )?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if !is_ours {
            return Err(self.fail(ImportProblem::NotBrasskey));
        }
        if !is_known {
            return Err(self.fail(ImportProblem::Damaged));
        }
        Ok(())
    }
}

impl Document<'_> {
    fn each<T, C>(&mut self, check: C) -> Each<'_, T, C>
    where
        C: FnMut(T) -> Option<Item>,
    {
        Each {
            largest: self.largest,
            left: self.left,
            reason: self.reason,
            listener: &mut *self.listener,
            check,
            item: std::marker::PhantomData,
        }
    }
}

/// A list of items of one kind.
struct Each<'a, T, C> {
    largest: u64,
    left: &'a Cell<u64>,
    reason: &'a Cell<Option<Reason>>,
    listener: &'a mut dyn FnMut(Item) -> bool,
    /// The item, if it is as it should be.
    check: C,
    item: std::marker::PhantomData<T>,
}

impl<'de, T: DeserializeOwned, C: FnMut(T) -> Option<Item>> DeserializeSeed<'de>
    for Each<'_, T, C>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, C: FnMut(T) -> Option<Item>> Visitor<'de> for Each<'_, T, C> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.left.set(self.largest);
        while let Some(item) = list.next_element::<T>()? {
            let Some(item) = (self.check)(item) else {
                return Err(A::Error::custom("an item contradicts itself"));
            };
            if !(self.listener)(item) {
                self.reason.set(Some(Reason::Stopped));
                return Err(A::Error::custom("stopped"));
            }
            self.left.set(self.largest);
        }
        Ok(())
    }
}

/// Whether the messages are a tree of questions and answers that the ledger takes as it is.
fn is_sound(whole: &ConversationEntry) -> bool {
    let mut roles = HashMap::new();
    for message in &whole.messages {
        let is_question = message.role == Role::User;
        let follows = match &message.parent_id {
            // A question begins or follows an answer; an answer follows a question.
            None => is_question,
            Some(parent) => roles.get(parent).is_some_and(|role| *role != message.role),
        };
        let is_closed = match message.state {
            State::Open => false,
            State::Done => true,
            _ => !is_question && message.ending.is_none(),
        };
        let ends = message.ending.is_none() || !is_question;
        if !(follows && is_closed && ends) || roles.insert(&message.id, message.role).is_some() {
            return false;
        }
    }
    match &whole.active_leaf {
        Some(leaf) => roles.contains_key(leaf),
        None => whole.messages.is_empty(),
    }
}

fn cut(name: &mut String) {
    if let Some((end, _)) = name.char_indices().nth(LONGEST_NAME) {
        name.truncate(end);
    }
}
