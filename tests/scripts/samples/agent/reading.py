import asyncio
import marshal
import os
import pickle
import shutil
import subprocess
import tarfile
import tempfile

import yaml


def runs_what_it_reads(text, file):
    # below: no-text-as-code
    eval(text)
    # below: no-text-as-code
    exec(text)
    # below: no-text-as-code
    pickle.loads(text)
    # below: no-text-as-code
    marshal.load(file)
    # below: no-text-as-code
    yaml.load(text, Loader=yaml.Loader)
    # below: no-text-as-code
    yaml.load(text)
    # below: no-text-as-code
    yaml.unsafe_load(text)
    yaml.load(text, Loader=yaml.SafeLoader)
    yaml.safe_load(text)
    text.evaluate(file)


async def speaks_to_a_shell(name):
    # below: no-shell
    subprocess.run(f"cat {name}", shell=True, check=True)
    # below: no-shell
    subprocess.Popen(name, shell=True)
    # below: no-shell
    os.system("cat " + name)
    # below: no-shell
    os.popen(name)
    # below: no-shell
    subprocess.getoutput(name)
    # below: no-shell
    await asyncio.create_subprocess_shell(name)
    subprocess.run(["cat", name], check=True)
    subprocess.run(["cat", name], shell=False, check=True)


def unpacks_anywhere(at, archive):
    # below: no-wild-unpacking
    tarfile.open(at).extractall("/tmp")
    # below: no-wild-unpacking
    archive.extractall()
    # below: no-wild-unpacking
    shutil.unpack_archive(at)
    # below: no-wild-unpacking
    tempfile.mktemp()
    archive.read("manifest.json")
    tempfile.mkdtemp()
