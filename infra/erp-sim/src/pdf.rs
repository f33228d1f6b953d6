//! A small, valid PDF of one page of text lines.

use std::fmt::Write as _;

/// Lines on the page; more are left out.
const LINES: usize = 52;

/// The file.
pub(crate) fn page(lines: &[String]) -> Vec<u8> {
    let mut content = String::from("BT /F1 10 Tf 14 TL 50 790 Td\n");
    for line in lines.iter().take(LINES) {
        // Writing to a string cannot fail.
        let _ = writeln!(content, "({}) Tj T*", escape(line));
    }
    content.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

/// The base font knows no carons; they are written without.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '(' | ')' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            'č' | 'ć' => out.push('c'),
            'Č' | 'Ć' => out.push('C'),
            'š' => out.push('s'),
            'Š' => out.push('S'),
            'ž' => out.push('z'),
            'Ž' => out.push('Z'),
            'đ' => out.push('d'),
            'Đ' => out.push('D'),
            ' '..='~' => out.push(character),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_reference_points_at_the_objects() {
        let file = String::from_utf8(page(&["Račun (1)".to_owned(), "Žiga".to_owned()])).expect("ASCII");
        assert!(file.starts_with("%PDF-1.4") && file.ends_with("%%EOF\n"));
        let table: usize = file
            .rsplit("startxref\n")
            .next()
            .and_then(|rest| rest.lines().next())
            .and_then(|line| line.parse().ok())
            .expect("an offset");
        assert!(file[table..].starts_with("xref"));
        for (number, line) in file[table..].lines().skip(3).take(5).enumerate() {
            let place: usize = line[..10].parse().expect("an offset");
            assert!(file[place..].starts_with(&format!("{} 0 obj", number + 1)));
        }
        assert!(file.contains("(Racun \\(1\\)) Tj"));
    }
}
