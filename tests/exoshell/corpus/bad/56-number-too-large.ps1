# error: 2:1 InvalidCastIConvertible too large or too small for an Int32
[int]$serial = 20261124123645
