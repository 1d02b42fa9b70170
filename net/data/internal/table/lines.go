package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRow is the longest row, in bytes. A quote that is never closed makes one row of all
// that follows.
const maxRow = 16 << 20

// lines divides a stream into rows. A row is a line, or several if a quoted field has line
// ends in it (RFC 4180).
type lines struct {
	in        io.Reader
	separator byte
	read      int64 // bytes so far

	buf      []byte
	at       int    // of the next row in buf
	err      error  // that in gave, at last
	unquoted []byte // memory for a field

	line int // of the row that next returned, from 1
	next int // line of the next row
}

func newLines(in io.Reader, separator byte) *lines {
	return &lines{in: in, separator: separator, buf: make([]byte, 0, 1<<20), next: 1}
}

// row returns the next row without its line end. It is valid until the next call. Blank
// lines are passed over. At the end the error is io.EOF.
func (l *lines) row() ([]byte, error) {
	for {
		row, err := l.any()
		if err != nil || len(bytes.TrimSpace(row)) > 0 || bytes.IndexByte(row, l.separator) >= 0 {
			return row, err
		}
	}
}

// any returns the next row, blank or not.
func (l *lines) any() ([]byte, error) {
	l.line = l.next
	n := 0 // of bytes after at that are looked at
	for {
		end := l.index('\n', n)
		stop := end
		if end < 0 {
			if stop = len(l.buf) - l.at; stop > maxRow {
				return nil, l.errorf(0, "a line of more than %d bytes", maxRow)
			}
		}
		if q := bytes.IndexByte(l.buf[l.at+n:l.at+stop], '"'); q >= 0 {
			n += q + 1
			if opens(l.buf[l.at:][:n-1], l.separator) {
				var err error
				if n, err = l.closing(n); err != nil {
					return nil, err
				}
			}
			continue
		}
		row := l.buf[l.at:][:stop]
		l.at += stop
		if end >= 0 {
			l.at++
		} else if stop == 0 || l.err != io.EOF {
			return nil, l.err
		}
		l.next += 1 + bytes.Count(row, []byte("\n"))
		return bytes.TrimSuffix(row, []byte("\r")), nil
	}
}

// opens reports whether a quote opens a field where it follows row.
func opens(row []byte, separator byte) bool {
	row = bytes.TrimRight(row, " ")
	return len(row) == 0 || row[len(row)-1] == separator
}

// closing returns the distance from at to the byte behind the quote that closes the field
// which a quote before at+n opened.
func (l *lines) closing(n int) (int, error) {
	opened := n - 1
	for {
		q := l.index('"', n)
		if q < 0 {
			if len(l.buf)-l.at > maxRow {
				return 0, l.errorf(opened, "a quoted field of more than %d bytes", maxRow)
			}
			return 0, l.errorf(opened, "a quoted field that does not end")
		}
		if n = q + 1; l.at+n == len(l.buf) {
			l.fill()
		}
		if l.at+n == len(l.buf) || l.buf[l.at+n] != '"' {
			return n, nil
		}
		n++ // two quotes are a quote in the field
	}
}

// errorf returns an error at the byte that distance from at.
func (l *lines) errorf(n int, format string, args ...any) error {
	before := l.buf[l.at:][:n]
	column := 1
	for at := 0; ; column++ {
		_, next, err := l.field(before, at)
		if err != nil || next > len(before) {
			break
		}
		at = next
	}
	return fmt.Errorf("line %d, column %d: %w", l.line+bytes.Count(before, []byte("\n")), column, fmt.Errorf(format, args...))
}

// index returns the distance from at to the first byte c that is at least n away. It is
// negative if there is none before the end, or within maxRow.
func (l *lines) index(c byte, n int) int {
	for {
		if i := bytes.IndexByte(l.buf[l.at+n:], c); i >= 0 {
			return n + i
		}
		n = len(l.buf) - l.at
		if n > maxRow || !l.fill() {
			return -1
		}
	}
}

// fill reads more into buf, of which it keeps what is not used. It returns false at the
// end.
func (l *lines) fill() bool {
	if l.err != nil {
		return false
	}
	if l.at > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.at:])]
		l.at = 0
	}
	if len(l.buf) == cap(l.buf) {
		l.buf = append(make([]byte, 0, 2*cap(l.buf)), l.buf...)
	}
	for {
		var n int
		n, l.err = l.in.Read(l.buf[len(l.buf):cap(l.buf)])
		l.buf = l.buf[:len(l.buf)+n]
		l.read += int64(n)
		if n > 0 || l.err != nil {
			return n > 0
		}
	}
}

// field returns the field of a row that begins at a byte, without its quotes or the spaces
// around it, and where the next one begins: beyond the row's length after the last. The
// field is valid until the next call.
func (l *lines) field(row []byte, at int) (text []byte, next int, err error) {
	start := at
	for start < len(row) && row[start] == ' ' {
		start++
	}
	if start < len(row) && row[start] == '"' {
		return l.quoted(row, start+1)
	}
	end := len(row)
	if n := bytes.IndexByte(row[start:], l.separator); n >= 0 {
		end = start + n
	}
	next = end + 1
	for end > start && row[end-1] == ' ' {
		end--
	}
	return row[start:end], next, nil
}

// quoted is field for one whose opening quote stands before a byte.
func (l *lines) quoted(row []byte, at int) ([]byte, int, error) {
	l.unquoted = l.unquoted[:0]
	for {
		n := bytes.IndexByte(row[at:], '"')
		if n < 0 {
			return nil, 0, errors.New("a quoted field that does not end")
		}
		l.unquoted = append(l.unquoted, row[at:at+n]...)
		at += n + 1
		if at == len(row) || row[at] != '"' {
			break
		}
		l.unquoted = append(l.unquoted, '"')
		at++
	}
	for at < len(row) && row[at] == ' ' {
		at++
	}
	if at < len(row) && row[at] != l.separator {
		return nil, 0, fmt.Errorf("%q after a closing quote", rune(row[at]))
	}
	return l.unquoted, at + 1, nil
}
