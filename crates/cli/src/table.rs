//! Tables for people: columns of text, as wide as what is in them.

/// Prints a heading and rows, the columns two spaces apart.
pub(crate) fn print(heading: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(heading.get(column).map_or(0, |head| head.chars().count()))
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths);
        let text: Vec<String> = padded
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.join("  ").trim_end().to_owned()
    };
    let heading: Vec<String> = heading.iter().map(|head| (*head).to_owned()).collect();
    anstream::println!("\u{1b}[1m{}\u{1b}[0m", line(&heading));
    for row in rows {
        println!("{}", line(row));
    }
}
