// What packaging/Containerfile says, for a shell: node tests/deploy/image.mjs FOLDER writes FOLDER/build and FOLDER/install
// (the RUN of the two stages), FOLDER/user, FOLDER/environment, FOLDER/entrypoint and FOLDER/health (a word a line).

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { only, stagesOf } from '../packaging/containerfile.mjs';

const folder = process.argv[2];
const [build, image] = stagesOf(readFileSync(new URL('../../packaging/Containerfile', import.meta.url), 'utf8'));
const lines = (words) => words.map((word) => `${word}\n`).join('');

mkdirSync(folder, { recursive: true });
const write = (name, text) => writeFileSync(path.join(folder, name), text);
write('build', `${only(build, 'RUN')}\n`);
write('install', `${only(image, 'RUN')}\n`);
write('user', `${only(image, 'USER')}\n`);
write('environment', `${only(image, 'ENV')}\n`);
write('entrypoint', lines(JSON.parse(only(image, 'ENTRYPOINT'))));
write('health', lines(JSON.parse(only(image, 'HEALTHCHECK').match(/CMD (\[.*\])$/)[1])));
