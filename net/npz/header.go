package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// described is what the header of an array says.
type described struct {
	descr   string
	fortran bool // the first dimension varies fastest
	shape   []int
	size    int   // of an element
	bytes   int64 // of all elements
	offset  int64 // of the first
}

// maxHeader is the longest header: shapes and names of types take far less.
const maxHeader = 1 << 16

// readHeader reads what stands before the elements of an array. Errors begin with the
// offset.
func readHeader(in io.Reader) (d described, err error) {
	var start [12]byte
	n, err := io.ReadFull(in, start[:8])
	if n < 8 || string(start[:6]) != magic {
		return d, fmt.Errorf("offset 0: not an array of numpy: it begins with %q, want %q", start[:min(n, 6)], magic)
	}
	width := 4 // of the header's length
	switch start[6] {
	case 1:
		width = 2
	case 2, 3:
	default:
		return d, fmt.Errorf("offset 6: version %d of the format, want 1 to 3", start[6])
	}
	if _, err := io.ReadFull(in, start[8:][:width]); err != nil {
		return d, errors.New("offset 8: the data ends in the header")
	}
	length := binary.LittleEndian.Uint32(start[8:])
	if length > maxHeader {
		return d, fmt.Errorf("offset 8: a header of %d bytes, want at most %d", length, maxHeader)
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(in, text); err != nil {
		return d, fmt.Errorf("offset %d: the data ends in the header", 8+width+n)
	}
	p := parser{text: text}
	if err := p.dictionary(&d); err != nil {
		return d, fmt.Errorf("offset %d: %w", 8+width+p.at, err)
	}
	d.offset = int64(8 + width + len(text))
	return d, d.measure()
}

// elementBytes has the sizes that elements of a kind may have, in the units in which the
// names of types count, and the bytes of such a unit.
var elementBytes = map[byte]struct{ most, unit int }{
	'b': {1, 1}, 'i': {8, 1}, 'u': {8, 1}, 'f': {8, 1}, 'S': {math.MaxInt32 / 4, 1}, 'U': {math.MaxInt32 / 4, 4},
}

// measure sets the sizes that follow from the type and the shape.
func (d *described) measure() error {
	bad := fmt.Errorf("offset %d: elements of type %q, want numbers of up to 8 bytes, truth values or text", d.offset, d.descr)
	if len(d.descr) < 3 || !strings.Contains("<>|=", d.descr[:1]) {
		return bad
	}
	kind := d.descr[1]
	n, err := strconv.Atoi(d.descr[2:])
	if err != nil || n < 1 || n > elementBytes[kind].most {
		return bad
	}
	if strings.IndexByte("iuf", kind) >= 0 && (bits.OnesCount(uint(n)) > 1 || kind == 'f' && n == 1) {
		return bad
	}
	d.size = n * elementBytes[kind].unit
	d.bytes = int64(d.size)
	for _, dim := range d.shape {
		if dim > 0 && d.bytes > math.MaxInt64/int64(dim) {
			return fmt.Errorf("offset %d: the shape %v claims more bytes than there can be", d.offset, d.shape)
		}
		d.bytes *= int64(dim)
	}
	return nil
}

// parser reads the Python dictionary of a header.
type parser struct {
	text []byte
	at   int
}

// dictionary reads the three keys that the format has, in any order.
func (p *parser) dictionary(d *described) error {
	seen := map[string]bool{}
	err := p.list('{', '}', func() error {
		key, err := p.quoted()
		if err == nil {
			err = p.want(':')
		}
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("the key %q comes twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			if p.next() == '[' {
				return errors.New("elements of several fields, want numbers")
			}
			d.descr, err = p.quoted()
		case "fortran_order":
			d.fortran, err = p.truth()
		case "shape":
			err = p.list('(', ')', func() error {
				dim, err := p.number()
				d.shape = append(d.shape, dim)
				return err
			})
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(seen) != 3 {
		return errors.New("want the keys descr, fortran_order and shape")
	}
	if len(d.shape) > maxDims {
		return fmt.Errorf("%d dimensions, want at most %d", len(d.shape), maxDims)
	}
	if p.next(); p.at < len(p.text) {
		return fmt.Errorf("%q after the header's end", p.text[p.at])
	}
	return nil
}

// maxDims is as many dimensions as numpy's arrays have.
const maxDims = 64

// list reads items between two brackets, each but the last followed by a comma.
func (p *parser) list(open, end byte, item func() error) error {
	if err := p.want(open); err != nil {
		return err
	}
	for p.next() != end {
		if err := item(); err != nil {
			return err
		}
		if p.next() == end {
			break
		}
		if err := p.want(','); err != nil {
			return err
		}
	}
	p.at++
	return nil
}

// next skips white space and returns the byte after it, 0 at the end.
func (p *parser) next() byte {
	for ; p.at < len(p.text); p.at++ {
		if c := p.text[p.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

func (p *parser) want(c byte) error {
	got := p.next()
	if p.at == len(p.text) {
		return fmt.Errorf("the header ends where %q is wanted", c)
	}
	if got != c {
		return fmt.Errorf("%q in the header, want %q", got, c)
	}
	p.at++
	return nil
}

// quoted reads a string, which has no escapes.
func (p *parser) quoted() (string, error) {
	quote := p.next()
	if quote != '\'' && quote != '"' {
		return "", p.want('\'')
	}
	first := p.at + 1
	for i := first; i < len(p.text); i++ {
		if p.text[i] == quote {
			p.at = i + 1
			return string(p.text[first:i]), nil
		}
	}
	return "", errors.New("a string in the header does not end")
}

func (p *parser) truth() (bool, error) {
	p.next()
	for word, value := range map[string]bool{"True": true, "False": false} {
		if strings.HasPrefix(string(p.text[p.at:]), word) {
			p.at += len(word)
			return value, nil
		}
	}
	return false, errors.New("fortran_order is neither True nor False")
}

// number reads a dimension, which Python 2 ended with an L.
func (p *parser) number() (int, error) {
	p.next()
	first := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.Atoi(string(p.text[first:p.at]))
	if err != nil {
		p.at = first
		return 0, errors.New("a dimension that is not a count")
	}
	if p.at < len(p.text) && p.text[p.at] == 'L' {
		p.at++
	}
	return n, nil
}
