using System.Text.Json;
using Attune.Parity.Comparison;
using Attune.Parity.Layouts;
using Attune.Tokenizers;
using Attune.Tokenizers.Loading;

namespace Attune.Parity.Vectors;

/// <summary>
/// What SentencePiece's own trainers make of a corpus: every piece, its score, and how texts are encoded. Byte-pair pieces must have
/// their ids; unigram pieces whose scores are equal but for their last digits may stand in each other's places.
/// </summary>
internal static class SentencePieceRun
{
    private const string Prefix = "sentencepiece ";

    // Long words of rare characters add up to log probabilities of some hundred, of which single precision keeps four digits behind the point.
    private const double ScoreTolerance = 2e-4;

    /// <summary>Whether a trainer is one of SentencePiece's.</summary>
    public static bool Recognises(string trainer) => trainer is Prefix + "bpe" or Prefix + "unigram";

    /// <summary>Trains and compares.</summary>
    /// <param name="root">The file.</param>
    /// <param name="texts">The corpus.</param>
    /// <param name="tally">Where pieces and samples are counted.</param>
    /// <exception cref="UnknownCaseException">A setting is not known.</exception>
    public static void Compare(JsonElement root, IEnumerable<string> texts, LineTally tally)
    {
        SentencePieceTraining training = Training(root.GetProperty("settings"));
        TrainedSentencePiece trained = SentencePieceTrainer.Train(texts, training);
        JsonElement vocabulary = root.GetProperty("vocab");
        tally.Count(VectorFields.Difference("pieces", trained.VocabularySize, vocabulary.GetArrayLength()));
        Dictionary<string, float> scores = trained.Pieces.ToDictionary(piece => piece.Text, piece => piece.Score, StringComparer.Ordinal);
        bool exact = training.Kind == SentencePieceKind.Bpe;
        int id = 0;
        foreach (JsonElement expected in vocabulary.EnumerateArray())
        {
            (string text, double score) = (expected[0].GetString()!, expected[1].GetDouble());
            SentencePiece? found = id < trained.VocabularySize ? trained.Pieces[id] : null;
            bool there = found is not null && (exact ? found.Text == text : scores.ContainsKey(text)) && Math.Abs(found.Score - score) <= (exact ? 0 : ScoreTolerance);
            tally.Count(there && Math.Abs(scores[text] - score) <= ScoreTolerance ? null : $"piece {id}: '{found?.Text}' with {found?.Score} instead of '{text}' with {score}");
            id++;
        }

        var options = new EncodeOptions { AddSpecialTokens = false };
        foreach (JsonElement sample in root.Below("samples"))
        {
            string text = sample.GetProperty("text").GetString()!;
            Encoding encoding = trained.Tokenizer.Encode(text, null, options);
            tally.Count(exact
                ? VectorFields.Difference($"ids of '{text}'", encoding.Ids, sample.Ints("ids"))
                : VectorFields.Difference($"tokens of '{text}'", string.Join(' ', encoding.Tokens), string.Join(' ', sample.GetProperty("tokens").EnumerateArray())));
        }
    }

    private static SentencePieceTraining Training(JsonElement settings)
    {
        var training = new SentencePieceTraining();
        foreach (JsonProperty setting in settings.EnumerateObject())
        {
            JsonElement value = setting.Value;
            training = setting.Name switch
            {
                "model_type" => training with { Kind = value.GetString() == "bpe" ? SentencePieceKind.Bpe : SentencePieceKind.Unigram },
                "vocab_size" => training with { VocabularySize = value.GetInt32() },
                "character_coverage" => training with { CharacterCoverage = value.GetSingle() },
                "num_threads" => training with { Shares = value.GetInt32() },
                "shuffle_input_sentence" => training with { ShuffleInput = value.GetBoolean() },
                "input_sentence_size" => training with { InputSentenceSize = value.GetInt32() },
                "normalization_rule_name" => training with { NormalizationRule = value.GetString()! },
                "byte_fallback" => training with { ByteFallback = value.GetBoolean() },
                "add_dummy_prefix" => training with { AddDummyPrefix = value.GetBoolean() },
                "remove_extra_whitespaces" => training with { RemoveExtraSpaces = value.GetBoolean() },
                "treat_whitespace_as_suffix" => training with { SpaceAsSuffix = value.GetBoolean() },
                "allow_whitespace_only_pieces" => training with { AllowSpaceOnlyPieces = value.GetBoolean() },
                "split_by_whitespace" => training with { SplitBySpace = value.GetBoolean() },
                "split_by_unicode_script" => training with { SplitByScript = value.GetBoolean() },
                "split_by_number" => training with { SplitByNumber = value.GetBoolean() },
                "split_digits" => training with { SplitDigits = value.GetBoolean() },
                "pretokenization_delimiter" => training with { Delimiter = value.GetString()! },
                "max_sentencepiece_length" => training with { MaxPieceLength = value.GetInt32() },
                "max_sentence_length" => training with { MaxSentenceLength = value.GetInt32() },
                "seed_sentencepiece_size" => training with { SeedSize = value.GetInt32() },
                "shrinking_factor" => training with { ShrinkingFactor = value.GetSingle() },
                "num_sub_iterations" => training with { SubIterations = value.GetInt32() },
                "required_chars" => training with { RequiredCharacters = value.GetString()! },
                "hard_vocab_limit" => training with { HardVocabularyLimit = value.GetBoolean() },
                "control_symbols" => training with { ControlSymbols = Texts(value) },
                "user_defined_symbols" => training with { UserDefinedSymbols = Texts(value) },
                "unk_id" => training with { Unknown = training.Unknown with { Id = value.GetInt32() } },
                "bos_id" => training with { Begin = training.Begin with { Id = value.GetInt32() } },
                "eos_id" => training with { End = training.End with { Id = value.GetInt32() } },
                "pad_id" => training with { Padding = training.Padding with { Id = value.GetInt32() } },
                "unk_piece" => training with { Unknown = training.Unknown with { Text = value.GetString()! } },
                "bos_piece" => training with { Begin = training.Begin with { Text = value.GetString()! } },
                "eos_piece" => training with { End = training.End with { Text = value.GetString()! } },
                "pad_piece" => training with { Padding = training.Padding with { Text = value.GetString()! } },
                _ => throw new UnknownCaseException("setting", $"{setting.Name} of SentencePiece's trainers"),
            };
        }

        return training;
    }

    private static string[] Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(text => text.GetString()!)] : value.GetString()!.Split(',');
}
