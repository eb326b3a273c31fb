package privacy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// The names of the keysets in the key file and in KeyInfo.
const (
	setSealing = "sealing"
	setIndex   = "index"
	setTokens  = "tokens"
)

// sets lists the keysets in the order of the file, each with the template of its keys. Indexes and tokens
// have separate keys, because tokens are given to clients and indexes never are: no mix-up of purposes can
// turn one into the other.
var sets = []struct {
	name     string
	template func() *tinkpb.KeyTemplate
}{
	{setSealing, aead.AES256GCMKeyTemplate},
	{setIndex, prf.HMACSHA256PRFKeyTemplate},
	{setTokens, prf.HMACSHA256PRFKeyTemplate},
}

// keys is one immutable generation of all keys, ready for use.
type keys struct {
	handles map[string]*keyset.Handle
	created map[string]map[uint32]time.Time
	info    []KeyInfo
	sealing tink.AEAD
	index   []prf.PRF
	tokens  []prf.PRF
}

// newKeys creates one key per set.
func newKeys(now time.Time) (*keys, error) {
	return (&keys{}).rotated(now)
}

// rotated returns a copy of k in which every set has a new primary key.
func (k *keys) rotated(now time.Time) (*keys, error) {
	next := &keys{handles: map[string]*keyset.Handle{}, created: map[string]map[uint32]time.Time{}}
	for _, set := range sets {
		manager := keyset.NewManager()
		if old := k.handles[set.name]; old != nil {
			manager = keyset.NewManagerFromHandle(old)
		}
		id, err := manager.Add(set.template())
		if err != nil {
			return nil, fmt.Errorf("make a %s key: %w", set.name, err)
		}
		if err := manager.SetPrimary(id); err != nil {
			return nil, fmt.Errorf("make a %s key primary: %w", set.name, err)
		}
		handle, err := manager.Handle()
		if err != nil {
			return nil, fmt.Errorf("make a %s keyset: %w", set.name, err)
		}
		next.handles[set.name] = handle
		next.created[set.name] = map[uint32]time.Time{id: now.UTC().Truncate(time.Second)}
		for oldID, at := range k.created[set.name] {
			next.created[set.name][oldID] = at
		}
	}
	return next, next.prepare()
}

// prepare derives the primitives and the key list from the handles.
func (k *keys) prepare() error {
	var err error
	if k.sealing, err = aead.New(k.handles[setSealing]); err != nil {
		return fmt.Errorf("prepare %s keys: %w", setSealing, err)
	}
	if k.index, err = primaryFirst(k.handles[setIndex]); err != nil {
		return fmt.Errorf("prepare %s keys: %w", setIndex, err)
	}
	if k.tokens, err = primaryFirst(k.handles[setTokens]); err != nil {
		return fmt.Errorf("prepare %s keys: %w", setTokens, err)
	}
	k.info = nil
	for _, set := range sets {
		for _, key := range k.handles[set.name].KeysetInfo().GetKeyInfo() {
			k.info = append(k.info, KeyInfo{
				Set:     set.name,
				ID:      key.GetKeyId(),
				Created: k.created[set.name][key.GetKeyId()],
				Primary: key.GetKeyId() == k.handles[set.name].KeysetInfo().GetPrimaryKeyId(),
			})
		}
	}
	return nil
}

// primaryFirst returns the usable PRFs of a keyset: the primary one, then the others from newest to oldest.
// Tink appends new keys at the end.
func primaryFirst(handle *keyset.Handle) ([]prf.PRF, error) {
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		return nil, err
	}
	ordered := []prf.PRF{set.PRFs[set.PrimaryID]}
	infos := handle.KeysetInfo().GetKeyInfo()
	for i := len(infos) - 1; i >= 0; i-- {
		id := infos[i].GetKeyId()
		if one, usable := set.PRFs[id]; usable && id != set.PrimaryID {
			ordered = append(ordered, one)
		}
	}
	return ordered, nil
}

// encodeKeyset returns a keyset as Tink's JSON, with its keys in the clear.
func encodeKeyset(handle *keyset.Handle) (json.RawMessage, error) {
	var out, compact bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, fmt.Errorf("encode keyset: %w", err)
	}
	// Tink inserts random spaces into its JSON; the checksum needs one spelling.
	if err := json.Compact(&compact, out.Bytes()); err != nil {
		return nil, fmt.Errorf("encode keyset: %w", err)
	}
	return compact.Bytes(), nil
}

func decodeKeyset(encoded json.RawMessage) (*keyset.Handle, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(encoded)))
	if err != nil {
		return nil, fmt.Errorf("decode keyset: %w", err)
	}
	return handle, nil
}
