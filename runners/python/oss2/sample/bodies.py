# -*- coding: utf-8 -*-
import oss2
from oss2.credentials import EnvironmentVariableCredentialsProvider

# OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET must be set before this program is started.
auth = oss2.ProviderAuthV4(EnvironmentVariableCredentialsProvider())

# The bucket lies in China (Hangzhou); endpoint and region belong together.
endpoint = 'https://oss-cn-hangzhou.aliyuncs.com'
region = 'cn-hangzhou'
bucket = oss2.Bucket(auth, endpoint, 'examplebucket', region=region)

# The image in the bucket, and what to do with it.
key = 'example.jpg'
process = 'image/bodies'

try:
    result = bucket.get_object(key, process=process)
    content = result.read()
    print('Detected bodies:')
    print(content.decode('utf-8'))
except oss2.exceptions.OssError as e:
    print('Error:', e)
