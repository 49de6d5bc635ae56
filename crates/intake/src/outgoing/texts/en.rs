//! English. Every text must say the same as in the other languages, in plain words.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    arrived_subject: "Your report {receipt} has arrived",
    outcome_subject: "The outcome of your report {receipt}",
    arrived: "Thank you. Your message has arrived and will be examined.",
    number: "The number of your report is {receipt}.",
    advice: "Do not open links in the suspicious message and do not answer it. If you have given away card or bank details, call your bank now. If you have typed a password, change it.",
    to_come: "We will write once more when we know the outcome. Until then we keep your e-mail address, for {days} days at most. After that it is deleted.",
    follow: "You can follow your report here: {page}",
    blocked: "What your message leads to is blocked: {name}. Telecom operators that use our list no longer take their customers there.",
    after: "It was blocked {after} after your report.",
    before: "It was blocked before your report came in.",
    one_of: "You are one of {count} people who reported it. Thank you.",
    among_first: "You are among the first people who reported it. Thank you.",
    not_blockable: "Your message is a fraud. There is nothing in it that we can block at telecom operators. Delete it.",
    ended: "Your message led to a site that was blocked for a time. The block has ended. Do not trust the message all the same.",
    undecided: "We could not tell whether your message is a fraud. Stay careful.",
    spam: "Your message is unwanted advertising, not a fraud. You may delete it.",
    benign: "We examined your message and found no fraud in it.",
    deleted: "Your e-mail address is now deleted from your report.",
    closing: "A program wrote this message. Nobody reads answers to it.",
    under_a_minute: "less than a minute",
    minutes: ["minute", "minutes"],
    hours: ["hour", "hours"],
    days: ["day", "days"],
};
