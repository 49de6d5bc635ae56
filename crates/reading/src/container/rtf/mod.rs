//! Rich text as HTML: the original HTML where Outlook put it into RTF (MS-OXRTFEX),
//! else text with `<a>` for each HYPERLINK field. Fonts matter for their charset
//! only; pictures and objects are left out.

pub(crate) mod compressed;
mod convert;
mod tokens;

pub(crate) use self::convert::to_html;
