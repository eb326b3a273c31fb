package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

const (
	// DeviceLife is how long a device stays known after its last sign-in.
	DeviceLife = 180 * 24 * time.Hour
	// addressKnownFor is how long an IP address stays known after a sign-in.
	addressKnownFor = 30 * 24 * time.Hour

	// deviceContext separates sealed device tokens from all other sealed values.
	deviceContext  = "sign-in-device"
	maxDeviceBytes = 1024
)

// deviceToken is stored sealed in a browser and identifies it at the next sign-in. It only proves an earlier
// sign-in there: its owner avoids delays caused by strangers, but still needs the password.
type deviceToken struct {
	ModeratorID string `json:"m"`
	DeviceID    string `json:"d"`
}

// OriginQuery selects the device and the IP address of a sign-in.
type OriginQuery struct {
	ModeratorID string
	DeviceID    string // empty: no device
	AddressKey  []byte
	// Sign-ins older than DeviceSince or AddressSince are ignored.
	DeviceSince, AddressSince time.Time
}

// KnownOrigin reports whether the device and the address are known.
type KnownOrigin struct {
	Device  bool // the moderator signed in on the device, which has not been revoked since
	Address bool // the moderator signed in from the address
}

// origin is the origin of a sign-in attempt.
type origin struct {
	addressKey, networkKey []byte
	deviceID               string // empty unless the device is known to belong to the moderator
	knownAddress           bool
}

// devices recognises the devices that moderators signed in on.
type devices struct {
	store  Store
	emails Emails
	now    func() time.Time
	random io.Reader
}

// originOf looks up whether the moderator has signed in on this device or from this address before. Without a
// moderator for the email, it runs the same query with an empty id, so that the response time does not reveal
// which emails exist.
func (d devices) originOf(ctx context.Context, moderatorID string, req LoginRequest) (origin, error) {
	from := origin{addressKey: req.AddressKey, networkKey: req.NetworkKey}
	token := d.open(req.Device)
	if token.ModeratorID != moderatorID {
		token.DeviceID = ""
	}
	now := d.now()
	known, err := d.store.KnownOrigin(
		ctx,
		OriginQuery{ModeratorID: moderatorID, DeviceID: token.DeviceID, AddressKey: req.AddressKey,
			DeviceSince: now.Add(-DeviceLife), AddressSince: now.Add(-addressKnownFor)},
	)
	if err != nil {
		return origin{}, fmt.Errorf("look up origin of sign-in: %w", err)
	}
	from.knownAddress = known.Address
	if known.Device {
		from.deviceID = token.DeviceID
	}
	return from, nil
}

// open decrypts a device token. Damaged or foreign tokens count as missing.
func (d devices) open(token string) deviceToken {
	var device deviceToken
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(sealed) == 0 || len(token) > maxDeviceBytes {
		return deviceToken{}
	}
	plain, err := d.emails.Open(sealed, deviceContext)
	if err != nil || json.Unmarshal([]byte(plain), &device) != nil {
		return deviceToken{}
	}
	return device
}

func (d devices) seal(moderatorID, deviceID string) (string, error) {
	plain, err := json.Marshal(deviceToken{ModeratorID: moderatorID, DeviceID: deviceID})
	if err != nil {
		return "", fmt.Errorf("seal device token: %w", err)
	}
	sealed, err := d.emails.Seal(string(plain), deviceContext)
	if err != nil {
		return "", fmt.Errorf("seal device token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// create creates an id for an unknown device and seals its token.
func (d devices) create(moderatorID string) (id, token string, err error) {
	if id, err = newUUID(d.now(), d.random); err == nil {
		token, err = d.seal(moderatorID, id)
	}
	return id, token, err
}
