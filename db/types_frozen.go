package db

import (
	"crypto/sha256"
	"database/sql/driver"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// frozenJSON is JSON that SQL does not look into: the facts and the verdict of a submission. It is stored as
// a byte that names the format, followed by S2 with a dictionary of typical facts and verdicts: a fifth of
// the text or less.
type frozenJSON []byte

// frozenForm1 is the first byte of JSON that was compressed with frozenDictionary1. A better dictionary would be
// another form beside it: what is stored must stay readable.
const frozenForm1 = 1

//go:embed frozenjson1.txt
var frozenText1 []byte

var frozenDictionary1 = s2.MakeDict(frozenText1, nil)

// frozenSum1 is the SHA-256 of frozenText1.
const frozenSum1 = "06f47da4fe025e6f751fd5e662f775ce009cf0e8315de613da3559e9fd1f29ed"

func init() {
	if sum := sha256.Sum256(frozenText1); hex.EncodeToString(sum[:]) != frozenSum1 {
		panic("db: frozenjson1.txt has changed, so nothing that was compressed with it could be read")
	}
}

// Value gives the driver the compressed text.
func (j frozenJSON) Value() (driver.Value, error) {
	stored := make([]byte, 1+s2.MaxEncodedLen(len(j)))
	stored[0] = frozenForm1
	return stored[:1+len(frozenDictionary1.Encode(stored[1:], j))], nil
}

// Scan restores the text.
func (j *frozenJSON) Scan(src any) error {
	stored, ok := src.([]byte)
	switch {
	case !ok:
		return fmt.Errorf("frozen JSON can't be read from %T", src)
	case len(stored) == 0 || stored[0] != frozenForm1:
		return errors.New("frozen JSON has an unknown form")
	}
	text, err := frozenDictionary1.Decode(nil, stored[1:])
	if err != nil {
		return errors.New("frozen JSON is damaged")
	}
	*j = text
	return nil
}
