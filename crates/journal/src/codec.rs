//! Reader and writer of the canonical form: fixed order, big-endian, lengths
//! checked against what is there before anything is allocated.

/// Why bytes are not a canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the bytes end at {at} where {wanted} is expected")]
    Short {
        /// Offset.
        at: usize,
        /// What was expected.
        wanted: &'static str,
    },
    /// Bytes are left over.
    #[error("{0} bytes follow the end")]
    Trailing(usize),
    /// A version this code does not write.
    #[error("version {0} is not known")]
    Version(u8),
    /// A field holds what no encoder writes.
    #[error("{field} holds {value}, which is not canonical")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A checksum differs.
    #[error("the checksum does not match: the bytes were damaged or cut")]
    Checksum,
}

/// Serials and times that a journal can hold: what a signed 64-bit column holds.
pub(crate) const MAX_NUMBER: u64 = i64::MAX as u64;

/// Writes fields one after the other.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    /// A length or count in four octets.
    pub(crate) fn length(&mut self, length: usize) -> &mut Self {
        let length = u32::try_from(length).expect("no body or list reaches 4 GiB");
        self.raw(&length.to_be_bytes())
    }

    /// A short text, its length in one octet before it.
    pub(crate) fn name(&mut self, text: &str) -> &mut Self {
        self.u8(u8::try_from(text.len()).expect("a name is at most 253 octets"));
        self.raw(text.as_bytes())
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Reads fields one after the other; never beyond the end, never allocating.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `length` octets.
    pub(crate) fn raw(
        &mut self,
        length: usize,
        wanted: &'static str,
    ) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        let field =
            rest.get(..length).ok_or(DecodeError::Short { at: self.bytes.len(), wanted })?;
        self.at += length;
        Ok(field)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        wanted: &'static str,
    ) -> Result<[u8; N], DecodeError> {
        let field = self.raw(N, wanted)?;
        Ok(field.try_into().expect("raw returns as many octets as asked"))
    }

    pub(crate) fn u8(&mut self, wanted: &'static str) -> Result<u8, DecodeError> {
        self.array(wanted).map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self, wanted: &'static str) -> Result<u16, DecodeError> {
        self.array(wanted).map(u16::from_be_bytes)
    }

    pub(crate) fn u64(&mut self, wanted: &'static str) -> Result<u64, DecodeError> {
        self.array(wanted).map(u64::from_be_bytes)
    }

    /// A number that storage can hold as a signed one.
    pub(crate) fn number(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let value = self.u64(field)?;
        if value > MAX_NUMBER { Err(DecodeError::field(field, value)) } else { Ok(value) }
    }

    /// A length or count in four octets: a claim, to be met by what follows.
    pub(crate) fn length(&mut self, wanted: &'static str) -> Result<usize, DecodeError> {
        let claimed = u32::from_be_bytes(self.array(wanted)?);
        usize::try_from(claimed).map_err(|_| DecodeError::field(wanted, claimed))
    }

    /// A short text behind its length in one octet.
    pub(crate) fn name(&mut self, field: &'static str) -> Result<&'a str, DecodeError> {
        let length = self.u8(field)?;
        let bytes = self.raw(usize::from(length), field)?;
        std::str::from_utf8(bytes).map_err(|_| DecodeError::field(field, "text that is not UTF-8"))
    }

    /// One of a table's numbers.
    pub(crate) fn tagged<T>(
        &mut self,
        field: &'static str,
        from_tag: impl Fn(u8) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let tag = self.u8(field)?;
        from_tag(tag).ok_or_else(|| DecodeError::field(field, tag))
    }

    pub(crate) fn end(self) -> Result<(), DecodeError> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            left => Err(DecodeError::Trailing(left)),
        }
    }
}

impl DecodeError {
    pub(crate) fn field(field: &'static str, value: impl std::fmt::Display) -> Self {
        Self::Field { field, value: format!("{value}") }
    }
}
