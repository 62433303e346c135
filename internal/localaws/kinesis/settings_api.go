// SPDX-License-Identifier: MIT

package kinesis

import (
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type retentionInput struct {
	target
	RetentionPeriodHours int
}

func (s *Service) increaseRetention(scope arn.Scope, in retentionInput) (none, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return none{}, err
	}
	if in.RetentionPeriodHours < d.RetentionHours {
		return none{}, invalidArgument("Requested retention period (%d hours) for stream %s can not be shorter than existing retention period (%d hours). "+
			"Use DecreaseRetentionPeriod API.", in.RetentionPeriodHours, d.Name, d.RetentionHours)
	}
	return none{}, s.setRetention(d, in.RetentionPeriodHours)
}

func (s *Service) decreaseRetention(scope arn.Scope, in retentionInput) (none, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return none{}, err
	}
	if in.RetentionPeriodHours > d.RetentionHours {
		return none{}, invalidArgument("Requested retention period (%d hours) for stream %s can not be longer than existing retention period (%d hours). "+
			"Use IncreaseRetentionPeriod API.", in.RetentionPeriodHours, d.Name, d.RetentionHours)
	}
	return none{}, s.setRetention(d, in.RetentionPeriodHours)
}

// setRetention sets how long records are kept. What is older by the period that
// there was before stays gone.
func (s *Service) setRetention(d *dataStream, hours int) error {
	switch {
	case hours < defaultRetentionHours:
		return invalidArgument("Minimum allowed retention period is %d hours. Requested retention period (%d hours) is too short.", defaultRetentionHours, hours)
	case hours > maxRetentionHours:
		return invalidArgument("Maximum allowed retention period is %d hours. Requested retention period (%d hours) is too long.", maxRetentionHours, hours)
	}
	if err := s.expire(d); err != nil {
		return err
	}
	d.RetentionHours = hours
	s.changed()
	return s.expire(d)
}

type encryptionInput struct {
	target
	EncryptionType string
	KeyID          string `json:"KeyId"`
}

func (in encryptionInput) check() error {
	switch {
	case in.EncryptionType != "KMS":
		return invalidMember(in.EncryptionType, "encryptionType", "Member must satisfy enum value set: [KMS]")
	case len(in.KeyID) < 1 || len(in.KeyID) > 2048:
		return invalidMember(in.KeyID, "keyId", "Member must have length between 1 and 2048")
	}
	return nil
}

func (s *Service) startEncryption(scope arn.Scope, in encryptionInput) (none, error) {
	return s.encrypt(scope, in, in.KeyID)
}

func (s *Service) stopEncryption(scope arn.Scope, in encryptionInput) (none, error) {
	return s.encrypt(scope, in, "")
}

func (s *Service) encrypt(scope arn.Scope, in encryptionInput, key string) (none, error) {
	d, err := s.at(scope, in.target)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return none{}, err
	}
	d.KMSKey = key
	s.changed()
	return none{}, nil
}

func (s *Service) updateMode(scope arn.Scope, in struct {
	StreamARN         string
	StreamModeDetails modeDetails
}) (none, error) {
	d, err := s.at(scope, target{StreamARN: in.StreamARN})
	if err != nil {
		return none{}, err
	}
	return none{}, s.setMode(d, in.StreamModeDetails.StreamMode)
}

func (s *Service) setMode(d *dataStream, mode string) error {
	if mode != provisioned && mode != onDemand {
		return invalidMember(mode, "streamModeDetails.streamMode", "Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]")
	}
	d.Mode = mode
	s.changed()
	return nil
}

func (s *Service) updateMaxRecord(scope arn.Scope, in struct {
	StreamARN          string
	MaxRecordSizeInKiB int
}) (none, error) {
	d, err := s.at(scope, target{StreamARN: in.StreamARN})
	if err != nil {
		return none{}, err
	}
	if n := in.MaxRecordSizeInKiB; n < defaultRecordKB || n > maxRecordKB {
		return none{}, invalidMember(fmt.Sprint(n), "maxRecordSizeInKiB", fmt.Sprintf("Member must have value between %d and %d", defaultRecordKB, maxRecordKB))
	}
	d.MaxRecordKB = in.MaxRecordSizeInKiB
	s.changed()
	return none{}, nil
}
