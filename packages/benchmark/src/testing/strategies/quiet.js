const about = { name: 'quiet', description: 'Does nothing.', sources: ['a test'] };
export default { ...about, create: () => about };
