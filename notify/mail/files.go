package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Files writes mails to a folder instead of sending them, so that people who try Rejoinder out see them.
type Files struct {
	Dir    string
	Sender Sender
}

// extension ends the names of mails.
const extension = ".eml"

// Deliver implements Transport.
func (f Files) Deliver(_ context.Context, m Mail) error {
	msg, err := f.Sender.message(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return &Failure{Reason: "the mail folder cannot be created", cause: err}
	}
	// Written under another name first, so that nobody reads half a mail.
	path := filepath.Join(f.Dir, m.ID+extension)
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = msg.WriteTo(file)
		err = errors.Join(err, file.Close())
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return &Failure{Reason: "the mail cannot be written to the mail folder", cause: err}
	}
	return nil
}

// Read returns the HTML of a mail in the folder. An os.ErrNotExist error if there is none with that id.
func (f Files) Read(id string) (html []byte, err error) {
	if id != filepath.Base(id) || strings.ContainsAny(id, `/\`) {
		return nil, fmt.Errorf("read mail: %w", os.ErrNotExist)
	}
	msg, err := gomail.EMLToMsgFromFile(filepath.Join(f.Dir, id+extension))
	if err != nil {
		return nil, fmt.Errorf("read mail: %w", err)
	}
	for _, part := range msg.GetParts() {
		if part.GetContentType() == gomail.TypeTextHTML {
			return part.GetContent()
		}
	}
	return nil, fmt.Errorf("read mail: no HTML: %w", os.ErrNotExist)
}
