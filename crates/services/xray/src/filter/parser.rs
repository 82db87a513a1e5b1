//! From the words of a filter expression to its meaning. OR binds less than AND, AND less than NOT.

use crate::error::XRayError;
use crate::filter::lexer::{Token, tokens};
use crate::filter::{Expression, Flag, Operator, ServicePattern, Subject, Value};

/// How deep parentheses and NOTs may go.
const MAX_DEPTH: usize = 32;

/// Reads an expression; none where there are no words.
pub(super) fn parse(text: &str) -> Result<Option<Expression>, XRayError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    if parser.tokens.is_empty() {
        return Ok(None);
    }
    let expression = parser.any()?;
    match parser.peek() {
        None => Ok(Some(expression)),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Expression, XRayError> {
        let mut parts = vec![self.all()?];
        while self.takes_word("OR") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, XRayError> {
        let mut parts = vec![self.term()?];
        while self.takes_word("AND") {
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn term(&mut self) -> Result<Expression, XRayError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(XRayError::invalid("Invalid filter expression: too deep"));
        }
        let term = if self.takes("!") || self.takes_word("NOT") {
            Expression::Not(Box::new(self.term()?))
        } else if self.takes("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(term)
    }

    fn condition(&mut self) -> Result<Expression, XRayError> {
        let word = match self.next() {
            Some(Token::Word(word)) => word,
            _ => return Err(self.unexpected()),
        };
        if word.eq_ignore_ascii_case("service") {
            return self.service();
        }
        if let Some(flag) = flag(&word) {
            return self.flag(flag);
        }
        if let Some(key) = self.annotation_key(&word)? {
            return match self.operator() {
                Some(operator) => Ok(Expression::Compare(Subject::Annotation(key), operator, self.value()?)),
                None => Ok(Expression::Annotated(key)),
            };
        }
        let subject = subject(&word)?;
        let operator = self.operator().ok_or_else(|| self.unexpected())?;
        let value = self.value()?;
        check_types(&word, &subject, operator, &value)?;
        Ok(Expression::Compare(subject, operator, value))
    }

    /// A flag alone, or compared with true or false.
    fn flag(&mut self, flag: Flag) -> Result<Expression, XRayError> {
        let is_negated = match self.operator() {
            None => return Ok(Expression::Flag(flag)),
            Some(Operator::Equal) => false,
            Some(Operator::NotEqual) => true,
            Some(_) => return Err(self.unexpected()),
        };
        match self.value()? {
            Value::Truth(truth) if truth != is_negated => Ok(Expression::Flag(flag)),
            Value::Truth(_) => Ok(Expression::Not(Box::new(Expression::Flag(flag)))),
            _ => Err(self.unexpected()),
        }
    }

    /// `annotation.key`, or `annotation[key]` and `annotation["key"]`.
    fn annotation_key(&mut self, word: &str) -> Result<Option<String>, XRayError> {
        let Some((head, tail)) = word.split_at_checked("annotation".len()) else { return Ok(None) };
        if !head.eq_ignore_ascii_case("annotation") {
            return Ok(None);
        }
        if let Some(key) = tail.strip_prefix('.').filter(|key| !key.is_empty()) {
            return Ok(Some(key.to_owned()));
        }
        if !tail.is_empty() || !self.takes("[") {
            return Err(self.unexpected());
        }
        let key = match self.next() {
            Some(Token::Word(key) | Token::Text(key)) => key,
            _ => return Err(self.unexpected()),
        };
        self.expect("]")?;
        Ok(Some(key))
    }

    fn service(&mut self) -> Result<Expression, XRayError> {
        self.expect("(")?;
        let pattern = match self.next() {
            Some(Token::Text(name)) => ServicePattern { name: Some(name), kind: None },
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("id") => self.id()?,
            _ => return Err(self.unexpected()),
        };
        self.expect(")")?;
        if !self.takes("{") {
            return Ok(Expression::Service(pattern, None));
        }
        let inner = self.any()?;
        self.expect("}")?;
        Ok(Expression::Service(pattern, Some(Box::new(inner))))
    }

    /// `(name: "..", type: "..")`, either of them or both.
    fn id(&mut self) -> Result<ServicePattern, XRayError> {
        self.expect("(")?;
        let mut pattern = ServicePattern::default();
        loop {
            let (member, text) = match (self.next(), self.takes(":"), self.next()) {
                (Some(Token::Word(member)), true, Some(Token::Text(text))) => (member, text),
                _ => return Err(self.unexpected()),
            };
            match member.to_ascii_lowercase().as_str() {
                "name" => pattern.name = Some(text),
                "type" => pattern.kind = Some(text),
                _ => return Err(XRayError::NotBuilt(format!("The id function's {member}"))),
            }
            if !self.takes(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(pattern)
    }

    fn operator(&mut self) -> Option<Operator> {
        let operator = match self.peek()? {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=") => Operator::NotEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("CONTAINS") => Operator::Contains,
            Token::Word(word) if word.eq_ignore_ascii_case("BEGINSWITH") => Operator::BeginsWith,
            Token::Word(word) if word.eq_ignore_ascii_case("ENDSWITH") => Operator::EndsWith,
            _ => return None,
        };
        self.at += 1;
        Some(operator)
    }

    fn value(&mut self) -> Result<Value, XRayError> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Value::Text(text)),
            Some(Token::Number(number)) => Ok(Value::Number(number)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Ok(Value::Truth(true)),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Ok(Value::Truth(false)),
            _ => Err(self.unexpected()),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), XRayError> {
        if self.takes(sign) {
            return Ok(());
        }
        Err(XRayError::invalid(format!(
            "Invalid filter expression: '{sign}' expected at word {}",
            self.at + 1
        )))
    }

    fn unexpected(&self) -> XRayError {
        XRayError::invalid(format!("Invalid filter expression at word {}", self.at.max(1)))
    }
}

fn one_or(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}

fn flag(word: &str) -> Option<Flag> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ok" => Flag::Ok,
        "error" => Flag::Error,
        "fault" => Flag::Fault,
        "throttle" => Flag::Throttle,
        "partial" => Flag::Partial,
        _ => return None,
    })
}

fn subject(word: &str) -> Result<Subject, XRayError> {
    Ok(match word.to_ascii_lowercase().as_str() {
        "responsetime" => Subject::ResponseTime,
        "duration" => Subject::Duration,
        "http.status" => Subject::HttpStatus,
        "http.url" => Subject::HttpUrl,
        "http.method" => Subject::HttpMethod,
        "http.useragent" => Subject::HttpUserAgent,
        "http.clientip" => Subject::HttpClientIp,
        "user" => Subject::User,
        "name" => Subject::Name,
        _ => return Err(XRayError::NotBuilt(format!("The filter keyword {word}"))),
    })
}

/// Numbers are compared with numbers, texts with texts.
fn check_types(word: &str, subject: &Subject, operator: Operator, value: &Value) -> Result<(), XRayError> {
    let is_number = matches!(subject, Subject::ResponseTime | Subject::Duration | Subject::HttpStatus);
    let is_for_texts = matches!(operator, Operator::Contains | Operator::BeginsWith | Operator::EndsWith);
    let is_for_numbers = !is_for_texts && !matches!(operator, Operator::Equal | Operator::NotEqual);
    let fits = match value {
        Value::Number(_) => is_number && !is_for_texts,
        Value::Text(_) => !is_number && !is_for_numbers,
        Value::Truth(_) => false,
    };
    if fits {
        Ok(())
    } else {
        Err(XRayError::invalid(format!("Invalid filter expression: wrong type for {word}")))
    }
}
