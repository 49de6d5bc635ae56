//! The processor time of a process and all that it started, from `/proc`.

use std::collections::HashMap;
use std::fs;

use crate::command::Result;

/// What `/proc` counts in, everywhere that we run (`getconf CLK_TCK`).
const TICKS_A_SECOND: f64 = 100.0;

/// What `/proc/PID/stat` says that we need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Its own time, and that of its children that are gone.
    ticks: u32,
}

/// Seconds of processor time of `process`, its children and theirs, gone or alive.
pub(super) fn seconds_of_tree(process: u32) -> Result<f64> {
    let mut all = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends meanwhile is its parent's to count.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        if let Some(stat) = parse(&text) {
            all.insert(pid, stat);
        }
    }
    let ticks: u32 = all
        .iter()
        .filter(|(pid, _)| descends(&all, **pid, process))
        .map(|(_, stat)| stat.ticks)
        .sum();
    Ok(f64::from(ticks) / TICKS_A_SECOND)
}

fn descends(all: &HashMap<u32, Stat>, mut pid: u32, ancestor: u32) -> bool {
    // No tree of processes is this deep; a loop in what was read at different times ends.
    for _ in 0..64 {
        if pid == ancestor {
            return true;
        }
        let Some(stat) = all.get(&pid) else { return false };
        pid = stat.parent;
    }
    false
}

fn parse(stat: &str) -> Option<Stat> {
    // The name may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(1);
    let parent = fields.next()?.parse().ok()?;
    let ticks =
        fields.skip(9).take(4).map(|field| field.parse::<u32>().ok()).sum::<Option<u32>>()?;
    Some(Stat { parent, ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_whatever_the_name() {
        let line = "12 (a) b) S 7 1 1 0 -1 0 1 2 3 4 10 20 3 4 20 0 1 0 99 0 0";
        assert_eq!(parse(line), Some(Stat { parent: 7, ticks: 37 }));
        assert_eq!(parse("12 (a S 7"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_tree_holds_children_of_children_only() {
        let stat = |parent| Stat { parent, ticks: 1 };
        let all = HashMap::from([(2, stat(1)), (3, stat(2)), (4, stat(9)), (5, stat(5))]);
        assert!(descends(&all, 3, 1) && descends(&all, 2, 1) && descends(&all, 1, 1));
        assert!(!descends(&all, 4, 1) && !descends(&all, 5, 1));
    }
}
