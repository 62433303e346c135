// SPDX-License-Identifier: MIT

package apidomain

// cloudFrontZone is the hosted zone of all distributions.
const cloudFrontZone = "Z2FDTNDATAQYW2"

// regionalZone returns the hosted zone of the API endpoints of a region ("Amazon
// API Gateway endpoints and quotas", AWS General Reference), or that of
// us-east-1 for one that is not in the table.
func regionalZone(region string) string {
	if id, ok := map[string]string{
		"af-south-1": "Z2DHW2332DAMTN", "ap-east-1": "Z3FD1VL90ND7K5", "ap-northeast-1": "Z1YSHQZHG15GKL", "ap-northeast-2": "Z20JF4UZKIW1U8",
		"ap-northeast-3": "Z2YQB5RD63NC85", "ap-south-1": "Z3VO1THU9YC4UR", "ap-southeast-1": "ZL327KTPIQFUL", "ap-southeast-2": "Z2RPCDW04V8134",
		"ca-central-1": "Z19DQILCV0OWEC", "eu-central-1": "Z1U9ULNL0V5AJ3", "eu-north-1": "Z3UWIKFBOOGXPP", "eu-south-1": "Z3BT4WSQ9TDYZV",
		"eu-south-2": "Z02499852UI5HEQ5JVWX3", "eu-west-1": "ZLY8HYME6SFDD", "eu-west-2": "ZJ5UAJN8Y3Z2Q", "eu-west-3": "Z3KY65QIEKYHQQ",
		"me-central-1": "Z08780021BKYYY8U0YHTV", "me-south-1": "Z20ZBPC0SS8806", "sa-east-1": "ZCMLWB8V5SYIT", "us-east-2": "ZOJJZC49E0EPZ",
		"us-west-1": "Z2MUQ32089INYE", "us-west-2": "Z2OJLYMUO9EFXC",
	}[region]; ok {
		return id
	}
	return "Z1UJRXOUMOOFQ8"
}
