using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Tokenizers;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Trainers;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>Trainers against what the references made of the same corpus.</summary>
public sealed class TrainingTests
{
    private static string[] Corpus => System.Text.Encoding.UTF8.GetString(TokenizerGoldens.Bytes("training/corpus.txt")).TrimEnd('\n').Split('\n');

    [Theory]
    [InlineData("bpe_bytelevel")]
    [InlineData("bpe_chars_suffix")]
    [InlineData("bpe_limited")]
    [InlineData("wordpiece")]
    public void Pair_training_learns_the_same_merges_and_ids(string name)
    {
        using var golden = JsonDocument.Parse(TokenizerGoldens.Bytes($"training/{name}.json"));
        var root = golden.RootElement;
        var settings = root.GetProperty("settings");
        var words = Count(root);
        Assert.Equal(root.GetProperty("words").GetInt32(), words.Count);
        var result = PairTrainer.Train(words, new PairTrainerOptions
        {
            VocabularySize = settings.GetProperty("vocab_size").GetInt32(),
            MinFrequency = settings.GetProperty("min_frequency").GetInt32(),
            LimitAlphabet = settings.TryGetProperty("limit_alphabet", out var limit) ? limit.GetInt32() : null,
            MaxTokenLength = settings.TryGetProperty("max_token_length", out var longest) ? longest.GetInt32() : null,
            SpecialTokens = Special(settings),
            ContinuingPrefix = root.GetProperty("continuing_subword_prefix").GetString() ?? "",
            EndSuffix = root.GetProperty("end_of_word_suffix").GetString() ?? "",
            InitialAlphabet = root.GetProperty("initial_alphabet").ValueKind == JsonValueKind.Null ? [] : ByteAlphabet.All.ToArray().Select(c => c.ToString()),
        }, TestContext.Current.CancellationToken);
        Assert.Equal(root.GetProperty("vocab").EnumerateObject().OrderBy(t => t.Value.GetInt32()).Select(t => t.Name), result.Tokens);
        var expected = root.GetProperty("merges").EnumerateArray().ToArray();
        Assert.Equal(expected.Select(m => (m[0].GetString()!, m[1].GetString()!)), result.Merges.Select(m => (m.Left, m.Right)));
        if (expected[0].GetArrayLength() == 3) Assert.Equal(expected.Select(m => m[2].GetInt64()), result.Merges.Select(m => m.Count));
        var merges = result.Merges.Select(m => (m.Left, m.Right)).ToList();
        ITokenModel model = name == "wordpiece"
            ? new WordPieceModel(new Vocabulary(result.Tokens))
            : new BpeModel(new Vocabulary(result.Tokens), merges, new BpeOptions
            {
                EndOfWordSuffix = root.GetProperty("end_of_word_suffix").GetString(),
                UnknownToken = name switch { "bpe_chars_suffix" => "<unk>", "bpe_limited" => "[UNK]", _ => null },
            });
        AssertSamples(root, model);
    }

    [Fact]
    public void Word_level_training_takes_the_same_words()
    {
        using var golden = JsonDocument.Parse(TokenizerGoldens.Bytes("training/wordlevel.json"));
        var root = golden.RootElement;
        var settings = root.GetProperty("settings");
        var words = Count(root);
        Assert.Equal(root.GetProperty("words").GetInt32(), words.Count);
        var tokens = WordLevelTrainer.Train(words, settings.GetProperty("vocab_size").GetInt32(), settings.GetProperty("min_frequency").GetInt32(), Special(settings));
        Assert.Equal(root.GetProperty("vocab").EnumerateObject().OrderBy(t => t.Value.GetInt32()).Select(t => t.Name), tokens);
        AssertSamples(root, new WordLevelModel(new Vocabulary(tokens), "[UNK]"));
    }

    /// <summary>
    /// The reference's choice of what to prune could not be reproduced to the last piece (its own scores differ from run to run), so the
    /// vocabulary is held to what matters: its frame, its alphabet, nearly all of its pieces, and how briefly it writes the corpus.
    /// </summary>
    [Fact]
    public void Unigram_training_finds_nearly_the_same_pieces_and_writes_the_corpus_as_briefly()
    {
        using var golden = JsonDocument.Parse(TokenizerGoldens.Bytes("training/unigram.json"));
        var root = golden.RootElement;
        var settings = root.GetProperty("settings");
        var words = Count(root);
        Assert.Equal(root.GetProperty("words").GetInt32(), words.Count);
        var (pieces, unknown) = UnigramTrainer.Train(words, new UnigramTrainerOptions
        {
            VocabularySize = settings.GetProperty("vocab_size").GetInt32(),
            ShrinkingFactor = settings.GetProperty("shrinking_factor").GetDouble(),
            SubIterations = settings.GetProperty("n_sub_iterations").GetInt32(),
            MaxPieceLength = settings.GetProperty("max_piece_length").GetInt32(),
            SpecialTokens = Special(settings),
            UnknownToken = settings.GetProperty("unk_token").GetString()!,
        }, TestContext.Current.CancellationToken);
        var expected = root.GetProperty("vocab").EnumerateArray().Select(p => (Token: p[0].GetString()!, Score: p[1].GetDouble())).ToList();
        Assert.Equal(root.GetProperty("unk_id").GetInt32(), unknown);
        Assert.Equal(expected.Take(3), pieces.Take(3));
        Assert.Equal(expected.Count, pieces.Count);
        Assert.Equal(Characters(expected), Characters(pieces));
        Assert.InRange(expected.Select(p => p.Token).Intersect(pieces.Select(p => p.Token)).Count(), expected.Count * 94 / 100, expected.Count);
        var reference = Length(expected);
        Assert.InRange(Length(pieces), reference * 0.98, reference * 1.02);

        static IEnumerable<string> Characters(List<(string Token, double Score)> vocabulary) =>
            vocabulary.Select(p => p.Token).Where(t => t.EnumerateRunes().Count() == 1).Order(StringComparer.Ordinal);

        double Length(List<(string Token, double Score)> vocabulary)
        {
            var (model, output) = (new UnigramModel(vocabulary, unknown, byteFallback: false), new TokenOutput());
            var total = 0.0;
            foreach (var (word, count) in words)
            {
                output.Clear();
                model.Tokenize(word, output);
                total += count * output.Ids.Count;
            }

            return total;
        }
    }

    [Theory]
    [InlineData(typeof(WordPieceTraining))]
    [InlineData(typeof(ByteLevelTraining))]
    [InlineData(typeof(CharacterPairTraining))]
    [InlineData(typeof(WordLevelTraining))]
    [InlineData(typeof(UnigramTraining))]
    public void A_trained_tokenizer_saves_and_loads(Type kind)
    {
        TokenizerTraining training = kind.Name switch
        {
            nameof(WordPieceTraining) => new WordPieceTraining { VocabularySize = 800, SpecialTokens = WordPieceTraining.BertTokens },
            nameof(ByteLevelTraining) => new ByteLevelTraining { VocabularySize = 500, SpecialTokens = ByteLevelTraining.RobertaTokens },
            nameof(CharacterPairTraining) => new CharacterPairTraining { VocabularySize = 800, SpecialTokens = CharacterPairTraining.GptTokens },
            nameof(WordLevelTraining) => new WordLevelTraining { VocabularySize = 400, SpecialTokens = WordLevelTraining.UsualTokens },
            _ => new UnigramTraining { VocabularySize = 400, SpecialTokens = UnigramTraining.T5Tokens },
        };
        var trained = TokenizerTrainer.Train(Corpus, training, TestContext.Current.CancellationToken);
        Assert.InRange(trained.VocabularySize, 300, training.VocabularySize);
        var folder = Directory.CreateTempSubdirectory("attune-trained-");
        try
        {
            trained.Save(folder.FullName);
            var loaded = Tokenizer.LoadFolder(folder.FullName);
            Assert.Equal(trained.Special, loaded.Special);
            foreach (var line in Corpus.Take(100))
            {
                var encoding = trained.Encode(line);
                Assert.Equal(encoding.Ids, loaded.Encode(line).Ids);
                Assert.Equal(trained.Decode([.. encoding.Ids]), loaded.Decode([.. encoding.Ids]));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_vocabulary_without_room_is_refused() =>
        Assert.Throws<ArgumentException>(() => TokenizerTrainer.Train(Corpus, new WordPieceTraining { VocabularySize = 5, SpecialTokens = WordPieceTraining.BertTokens }));

    private static List<(string Word, long Count)> Count(JsonElement root)
    {
        var fields = new JsonFields(JsonNode.Parse(root.GetRawText())!.AsObject(), "training");
        return WordCounts.Count(Corpus, NormalizerTable.All.ReadOrNull(fields, "normalizer"), PreTokenizerTable.All.ReadOrNull(fields, "pre_tokenizer"));
    }

    private static string[] Special(JsonElement settings) => [.. settings.GetProperty("special_tokens").EnumerateArray().Select(t => t.GetString()!)];

    private static void AssertSamples(JsonElement root, ITokenModel model)
    {
        var fields = new JsonFields(JsonNode.Parse(root.GetRawText())!.AsObject(), "training");
        var normalizer = NormalizerTable.All.ReadOrNull(fields, "normalizer");
        var preTokenizer = PreTokenizerTable.All.ReadOrNull(fields, "pre_tokenizer")!;
        foreach (var sample in root.GetProperty("samples").EnumerateArray())
        {
            var text = new PreTokenizedText(tracksOffsets: true);
            text.Load(sample.GetProperty("text").GetString());
            normalizer?.Normalize(text.Text);
            text.TakeWhole();
            preTokenizer.PreTokenize(text);
            var output = new TokenOutput { WantsSpellings = true };
            var tokens = new List<string>();
            var ids = new List<int>();
            foreach (var piece in text.Pieces)
            {
                output.Clear();
                model.Tokenize(text.Text.Chars.Slice(piece.Start, piece.Length), output);
                ids.AddRange(output.Ids);
                tokens.AddRange(output.Ids.Select((id, i) => output.Spellings[i] ?? model.Vocabulary.TokenOf(id)!));
            }

            Assert.Equal(sample.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), tokens);
            Assert.Equal(sample.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()), ids);
        }
    }
}
