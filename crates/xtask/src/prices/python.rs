//! Reads the part of Python that generated data modules consist of: constructor calls, lists, dictionaries, texts and
//! numbers. It evaluates nothing.

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `Name(positional, key=value)`.
    Call(Call),
    /// `[a, b]` or `(a, b)`.
    List(Vec<Value>),
    /// `{'key': value}`.
    Dictionary(Vec<(Value, Value)>),
    /// A text, unescaped.
    Text(String),
    /// A number, to the letter.
    Number(String),
    /// A name such as `None` or `datetime.UTC`.
    Name(String),
}

/// A constructor call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// The constructor's name.
    pub(crate) name: String,
    /// Its positional arguments.
    pub(crate) positional: Vec<Value>,
    /// Its named arguments.
    pub(crate) named: Vec<(String, Value)>,
}

impl Call {
    /// A named argument.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.named
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

impl Value {
    /// The call, if it is one of this constructor.
    pub(crate) fn call(&self, name: &str) -> Option<&Call> {
        match self {
            Value::Call(call) if call.name == name => Some(call),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub(crate) fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub(crate) fn whole(&self) -> Option<u64> {
        match self {
            Value::Number(text) => text.replace('_', "").parse().ok(),
            _ => None,
        }
    }
}

/// Reads the value that a module assigns to a name: `name = value` or `name: type = value` at the start of a line.
///
/// # Errors
/// What was expected, and at which byte.
pub(crate) fn assigned(module: &str, name: &str) -> Result<Value, String> {
    let line = module
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || module.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\n'))
        .ok_or_else(|| format!("`{name}` is not assigned"))?;
    let equals = module
        .get(line..)
        .and_then(|rest| rest.find('='))
        .ok_or("no `=` after the name")?;
    let mut reader = Reader {
        text: module,
        at: line + equals + 1,
    };
    reader.value()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, String> {
        match self.peek() {
            Some('[') => Ok(Value::List(self.items('[', ']', Self::value)?)),
            Some('(') => Ok(Value::List(self.items('(', ')', Self::value)?)),
            Some('{') => Ok(Value::Dictionary(self.items('{', '}', Self::entry)?)),
            Some('\'' | '"') => self.quoted().map(Value::Text),
            Some(first) if first.is_ascii_digit() || first == '-' => Ok(Value::Number(
                self.word(|c| c.is_ascii_alphanumeric() || "._-+".contains(c)),
            )),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                let name = self.word(is_name);
                if self.peek() != Some('(') {
                    return Ok(Value::Name(name));
                }
                let mut call = Call {
                    name,
                    positional: Vec::new(),
                    named: Vec::new(),
                };
                for (key, value) in self.items('(', ')', Self::argument)? {
                    match key {
                        Some(key) => call.named.push((key, value)),
                        None => call.positional.push(value),
                    }
                }
                Ok(Value::Call(call))
            }
            _ => Err(self.expected("a value")),
        }
    }

    fn entry(&mut self) -> Result<(Value, Value), String> {
        let key = self.value()?;
        self.take(':')?;
        Ok((key, self.value()?))
    }

    fn argument(&mut self) -> Result<(Option<String>, Value), String> {
        let start = self.at;
        if self
            .peek()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        {
            let name = self.word(is_name);
            if self.peek() == Some('=') {
                self.take('=')?;
                return Ok((Some(name), self.value()?));
            }
            self.at = start;
        }
        Ok((None, self.value()?))
    }

    fn items<T>(
        &mut self,
        open: char,
        close: char,
        item: impl Fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.take(open)?;
        let mut items = Vec::new();
        loop {
            if self.peek() == Some(close) {
                self.take(close)?;
                return Ok(items);
            }
            items.push(item(self)?);
            if self.peek() != Some(close) {
                self.take(',')?;
            }
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let quote = self.peek().ok_or_else(|| self.expected("a text"))?;
        self.take(quote)?;
        let mut text = String::new();
        loop {
            let next = self
                .next()
                .ok_or_else(|| self.expected("the end of a text"))?;
            match next {
                end if end == quote => return Ok(text),
                '\\' => text.push(self.escape()?),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let digits = match self.next() {
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some(same @ ('\\' | '\'' | '"')) => return Ok(same),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => return Err(self.expected("a known escape")),
        };
        let code: String = (0..digits).filter_map(|_| self.next()).collect();
        let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| self.expected("a character's code"))
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word: String = rest.chars().take_while(|c| belongs(*c)).collect();
        self.at += word.len();
        word
    }

    fn take(&mut self, wanted: char) -> Result<(), String> {
        if self.peek() == Some(wanted) {
            self.at += wanted.len_utf8();
            return Ok(());
        }
        Err(self.expected(&format!("`{wanted}`")))
    }

    /// The next character after spaces and comments, which it passes.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = self.text.get(self.at..)?;
            let code = rest.trim_start();
            self.at += rest.len() - code.len();
            if !code.starts_with('#') {
                return code.chars().next();
            }
            self.at += code.find('\n').unwrap_or(code.len());
        }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.text.get(self.at..)?.chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn expected(&self, what: &str) -> String {
        format!("expected {what} at byte {}", self.at)
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_module_is_read_as_written() {
        let module = "from x import *\n\nproviders: list[Provider] = [  # all\n  Provider(id='a\\'b', n=1_000, p=Decimal('0.10'), d={'k': None},),\n]\n";
        let value = assigned(module, "providers").unwrap();
        let call = value.list().unwrap()[0].call("Provider").unwrap();
        assert_eq!(call.get("id").unwrap().text(), Some("a'b"));
        assert_eq!(call.get("n").unwrap().whole(), Some(1000));
        let price = call.get("p").unwrap().call("Decimal").unwrap();
        assert_eq!(price.positional, [Value::Text("0.10".into())]);
        let none = Value::Name("None".into());
        assert_eq!(
            call.get("d"),
            Some(&Value::Dictionary(vec![(Value::Text("k".into()), none)]))
        );
    }

    #[test]
    fn a_module_that_ends_early_is_refused() {
        for module in [
            "",
            "providers",
            "providers = [",
            "providers = [Provider(id='a",
            "providers = [1 2]",
        ] {
            assert!(assigned(module, "providers").is_err(), "{module}");
        }
    }
}
