package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// header reads the header of a file: the part of JSON that the format uses, and no more.
// A general reader would accept a key that comes twice, a key in capitals, or more than
// two offsets, and would need ten times the memory of the header.
type header struct {
	text []byte
	at   int
}

// placed is an entry of the header with its name.
type placed struct {
	entry
	name string
}

// shortestEntry is the smallest number of bytes of a tensor in a header.
const shortestEntry = len(`"":{"dtype":"","shape":[],"data_offsets":[0,0]}`)

// parseHeader returns the tensors, in the order of the header, and the metadata, nil if
// there is none.
func parseHeader(text []byte) (all []placed, metadata map[string]string, err error) {
	h := &header{text: text}
	if len(text) == 0 || text[0] != '{' {
		return nil, nil, errors.New("header: it does not begin with {")
	}
	n := min(bytes.Count(text, []byte(`"dtype"`)), len(text)/shortestEntry)
	all = make([]placed, 0, n)
	seen := make(map[string]struct{}, n)
	err = h.object(func(key []byte) error {
		name := string(key)
		if _, ok := seen[name]; ok {
			return fmt.Errorf("the name %q comes twice", name)
		}
		seen[name] = struct{}{}
		if name == metadataKey {
			if metadata, err = h.texts(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		e, err := h.entry()
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		all = append(all, placed{e, name})
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	for _, c := range text[h.at:] {
		if c != ' ' {
			return nil, nil, fmt.Errorf("header: %q after its end, want spaces alone", c)
		}
	}
	return all, metadata, nil
}

// entry reads the value of a tensor's name.
func (h *header) entry() (e entry, err error) {
	var dtype, shape, offsets int // how often each key came
	err = h.object(func(key []byte) (err error) {
		switch string(key) {
		case "dtype":
			dtype++
			var text []byte
			text, err = h.string()
			e.DType = string(text)
		case "shape":
			shape++
			e.Shape, err = h.numbers()
		case "data_offsets":
			offsets++
			var both []int
			if both, err = h.numbers(); err == nil && len(both) != 2 {
				err = fmt.Errorf("%d numbers, want 2", len(both))
			}
			copy(e.Offsets[:], both)
		default:
			return fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err == nil && (dtype != 1 || shape != 1 || offsets != 1) {
		err = errors.New("want one each of dtype, shape and data_offsets")
	}
	return e, err
}

// texts reads an object of strings.
func (h *header) texts() (map[string]string, error) {
	all := map[string]string{}
	return all, h.object(func(key []byte) error {
		if _, ok := all[string(key)]; ok {
			return fmt.Errorf("the name %q comes twice", key)
		}
		value, err := h.string()
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		all[string(key)] = string(value)
		return nil
	})
}

// object reads an object, and calls value to read the value of each key.
func (h *header) object(value func(key []byte) error) error {
	return h.list('{', '}', func() error {
		key, err := h.string()
		if err != nil {
			return err
		}
		if err := h.want(':'); err != nil {
			return err
		}
		return value(key)
	})
}

// numbers reads an array of whole numbers.
func (h *header) numbers() ([]int, error) {
	all := []int{}
	return all, h.list('[', ']', func() error {
		n, err := h.number()
		all = append(all, n)
		return err
	})
}

// list reads items between two brackets, separated by commas.
func (h *header) list(open, end byte, item func() error) error {
	if err := h.want(open); err != nil {
		return err
	}
	if h.next() == end {
		h.at++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if h.next() == end {
			h.at++
			return nil
		}
		if err := h.want(','); err != nil {
			return err
		}
	}
}

// next skips white space and returns the byte after it, 0 at the end.
func (h *header) next() byte {
	for ; h.at < len(h.text); h.at++ {
		switch c := h.text[h.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// want reads the byte c, after any white space.
func (h *header) want(c byte) error {
	got := h.next()
	if h.at == len(h.text) {
		return fmt.Errorf("it ends where %q is wanted", c)
	}
	if got != c {
		return fmt.Errorf("%q at byte %d, want %q", got, h.at, c)
	}
	h.at++
	return nil
}

// string reads a string. Without escapes, the result shares the header's bytes.
func (h *header) string() ([]byte, error) {
	if err := h.want('"'); err != nil {
		return nil, err
	}
	first, escaped := h.at, false
	for ; h.at < len(h.text); h.at++ {
		switch c := h.text[h.at]; {
		case c == '\\':
			escaped = true
			h.at++ // the byte after a backslash never ends the string
		case c < ' ':
			return nil, fmt.Errorf("%q in a string at byte %d", c, h.at)
		case c == '"':
			text := h.text[first:h.at]
			h.at++
			if !utf8.Valid(text) {
				return nil, fmt.Errorf("a string at byte %d that is not UTF-8", first)
			}
			if !escaped {
				return text, nil
			}
			var s string
			err := json.Unmarshal(h.text[first-1:h.at], &s)
			return []byte(s), err
		}
	}
	h.at = len(h.text)
	return nil, errors.New("it ends in a string")
}

// number reads a whole number that is not negative.
func (h *header) number() (int, error) {
	h.next()
	first, n := h.at, 0
	for ; h.at < len(h.text) && '0' <= h.text[h.at] && h.text[h.at] <= '9'; h.at++ {
		digit := int(h.text[h.at] - '0')
		if n > (math.MaxInt-digit)/10 {
			return 0, fmt.Errorf("a number above %d at byte %d", math.MaxInt, first)
		}
		n = 10*n + digit
	}
	switch length := h.at - first; {
	case length == 0 && h.at == len(h.text):
		return 0, errors.New("it ends where a number is wanted")
	case length == 0:
		return 0, fmt.Errorf("%q at byte %d, want a whole number that is not negative", h.text[first], first)
	case length > 1 && h.text[first] == '0':
		return 0, fmt.Errorf("a number that begins with 0 at byte %d", first)
	}
	return n, nil
}
