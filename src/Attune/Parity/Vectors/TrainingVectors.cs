using System.Text.Json;
using Attune.Formats;
using Attune.Parity.Comparison;
using Attune.Parity.Layouts;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Trainers;

namespace Attune.Parity.Vectors;

/// <summary>
/// What trainers of tokenizers make of <c>corpus.txt</c> beside the file: each token with its id, each merge with its count. Unigram
/// pieces are compared as a set, with scores that may differ by what the reference's own runs differ by.
/// </summary>
internal sealed class TrainingVectors : IVectorKind
{
    private const string CorpusName = "corpus.txt";
    private const double ScoreTolerance = 0.002;

    /// <inheritdoc/>
    public string Subject => "tokenizer training";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("trainer", out _) && root.TryGetProperty("settings", out _) && root.TryGetProperty("vocab", out _);

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        string trainer = root.GetProperty("trainer").GetString()!;
        if (SentencePieceRun.Recognises(trainer))
        {
            SentencePieceRun.Compare(root, File.ReadLines(folder.File(CorpusName)), tally);
            return;
        }

        if (trainer is not ("BpeTrainer" or "WordPieceTrainer" or "WordLevelTrainer" or "UnigramTrainer"))
            throw new UnknownCaseException("trainer", trainer);
        JsonFields file = JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(root.GetRawText()), folder.Name);
        JsonFields settings = file.Child("settings");
        List<(string Word, long Count)> words = WordCounts.Count(
            File.ReadLines(folder.File(CorpusName)), NormalizerTable.All.ReadOrNull(file, "normalizer"), PreTokenizerTable.All.ReadOrNull(file, "pre_tokenizer"));
        tally.Count(VectorFields.Difference("words", words.Count, root.Int("words")));
        if (trainer == "UnigramTrainer")
            CompareUnigram(root, settings, words, tally);
        else if (trainer == "WordLevelTrainer")
            CompareTokens(root, WordLevelTrainer.Train(words, settings.Size("vocab_size"), settings.Int("min_frequency"), settings.StringArray("special_tokens")), tally);
        else
            ComparePairs(root, file, settings, words, tally);
    }

    private static void ComparePairs(JsonElement root, JsonFields file, JsonFields settings, List<(string, long)> words, LineTally tally)
    {
        PairTrainerResult result = PairTrainer.Train(words, new PairTrainerOptions
        {
            VocabularySize = settings.Size("vocab_size"),
            MinFrequency = settings.Int("min_frequency"),
            LimitAlphabet = settings.IntOrNull("limit_alphabet"),
            MaxTokenLength = settings.IntOrNull("max_token_length"),
            SpecialTokens = settings.StringArray("special_tokens"),
            ContinuingPrefix = file.String("continuing_subword_prefix", ""),
            EndSuffix = file.String("end_of_word_suffix", ""),
            // The file says in words that these are the characters bytes are written with.
            InitialAlphabet = file.Has("initial_alphabet") ? ByteAlphabet.All.ToArray().Select(c => c.ToString()) : [],
        });
        CompareTokens(root, result.Tokens, tally);
        int number = 0;
        foreach (JsonElement merge in root.GetProperty("merges").EnumerateArray())
        {
            (string Left, string Right, long Count) expected = (merge[0].GetString()!, merge[1].GetString()!, merge.GetArrayLength() > 2 ? merge[2].GetInt64() : -1);
            (string Left, string Right, long Count) found = number < result.Merges.Count ? result.Merges[number] : ("", "", 0);
            tally.Count(VectorFields.Difference($"merge {number++}", expected.Count < 0 ? found with { Count = -1 } : found, expected));
        }
        tally.Count(VectorFields.Difference("merges", result.Merges.Count, number));
    }

    private static void CompareTokens(JsonElement root, IReadOnlyList<string> tokens, LineTally tally)
    {
        JsonElement vocabulary = root.GetProperty("vocab");
        tally.Count(VectorFields.Difference("tokens", tokens.Count, vocabulary.EnumerateObject().Count()));
        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            int id = entry.Value.GetInt32();
            tally.Count(VectorFields.Difference($"token {id}", id < tokens.Count ? tokens[id] : "", entry.Name));
        }
    }

    private static void CompareUnigram(JsonElement root, JsonFields settings, List<(string, long)> words, LineTally tally)
    {
        string unknown = settings.String("unk_token", "<unk>");
        (List<(string Token, double Score)> pieces, int unknownId) = UnigramTrainer.Train(words, new UnigramTrainerOptions
        {
            VocabularySize = settings.Size("vocab_size"),
            SpecialTokens = settings.StringArray("special_tokens"),
            UnknownToken = unknown,
            MaxPieceLength = settings.Size("max_piece_length", 16),
            ShrinkingFactor = settings.Float("shrinking_factor", 0.75),
            SubIterations = settings.Size("n_sub_iterations", 2),
        });
        tally.Count(VectorFields.Difference("unk_id", unknownId, root.Int("unk_id")));
        Dictionary<string, double> scores = pieces.ToDictionary(piece => piece.Token, piece => piece.Score, StringComparer.Ordinal);
        foreach (JsonElement piece in root.GetProperty("vocab").EnumerateArray())
        {
            string token = piece[0].GetString()!;
            tally.Count(!scores.TryGetValue(token, out double score) ? $"the piece '{token}' is missing"
                : Math.Abs(score - piece[1].GetDouble()) <= ScoreTolerance ? null
                : VectorFields.Difference($"the score of '{token}'", score, piece[1].GetDouble()));
        }
    }
}
