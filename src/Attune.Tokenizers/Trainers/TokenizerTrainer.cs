using System.Text;
using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Loading;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Trainers;

namespace Attune.Tokenizers;

/// <summary>Trains tokenizers on texts. One corpus with one setting always gives the same tokenizer.</summary>
public static class TokenizerTrainer
{
    /// <summary>Trains a tokenizer of the kind that the settings are for.</summary>
    /// <param name="texts">The texts, one at a time; read once.</param>
    /// <param name="training">The settings.</param>
    /// <param name="cancellation">Ends the training early.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, TokenizerTraining training, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(training);
        if (training.VocabularySize <= training.SpecialTokens.Count)
            throw new ArgumentException($"A vocabulary of {training.VocabularySize} has no room beside its {training.SpecialTokens.Count} special tokens.", nameof(training));
        return training switch
        {
            WordPieceTraining wordPiece => WordPiece(texts, wordPiece, cancellation),
            ByteLevelTraining byteLevel => ByteLevel(texts, byteLevel, cancellation),
            CharacterPairTraining characters => Characters(texts, characters, cancellation),
            WordLevelTraining words => WordLevel(texts, words),
            UnigramTraining unigram => Unigram(texts, unigram, cancellation),
            _ => throw new ArgumentException($"{training.GetType().Name} is no known kind of training.", nameof(training)),
        };
    }

    private static Tokenizer WordPiece(IEnumerable<string> texts, WordPieceTraining training, CancellationToken cancellation)
    {
        var (normalizer, preTokenizer) = (new BertNormalizer(true, true, training.StripAccents, training.Lowercase), new BertPreTokenizer());
        var result = PairTrainer.Train(WordCounts.Count(texts, normalizer, preTokenizer), Options(training) with { ContinuingPrefix = "##" }, cancellation);
        var model = new WordPieceModel(new Vocabulary(result.Tokens));
        var framed = Has(training, "[CLS]") && Has(training, "[SEP]");
        var template = framed
            ? RecipeParts.Template(
                model.Vocabulary.FindText,
                [("[CLS]", 0), ("$A", 0), ("[SEP]", 0)],
                [("[CLS]", 0), ("$A", 0), ("[SEP]", 0), ("$B", 1), ("[SEP]", 1)])
            : null;
        return Build(training, normalizer, preTokenizer, model, template, new WordPieceDecoder("##", cleanup: true));
    }

    private static Tokenizer ByteLevel(IEnumerable<string> texts, ByteLevelTraining training, CancellationToken cancellation)
    {
        var preTokenizer = new ByteLevelPreTokenizer(training.AddPrefixSpace, true, true);
        var alphabet = new List<string>();
        foreach (var c in ByteAlphabet.All) alphabet.Add(c.ToString());
        var result = PairTrainer.Train(WordCounts.Count(texts, null, preTokenizer), Options(training) with { InitialAlphabet = alphabet }, cancellation);
        var model = new BpeModel(new Vocabulary(result.Tokens), Merges(result), new BpeOptions());
        IPostProcessor processor = Has(training, "<s>") && Has(training, "</s>")
            ? new RobertaProcessing(Named(model, "</s>"), Named(model, "<s>"), trimOffsets: true, training.AddPrefixSpace)
            : new ByteLevelProcessing(training.AddPrefixSpace, trimOffsets: true, useRegex: true);
        return Build(training, null, preTokenizer, model, processor, new ByteLevelDecoder(true, true, true));
    }

    private static Tokenizer Characters(IEnumerable<string> texts, CharacterPairTraining training, CancellationToken cancellation)
    {
        var (normalizer, preTokenizer) = (new BertNormalizer(true, true, null, true), new BertPreTokenizer());
        var result = PairTrainer.Train(WordCounts.Count(texts, normalizer, preTokenizer), Options(training) with { EndSuffix = "</w>" }, cancellation);
        var options = new BpeOptions { UnknownToken = Has(training, "<unk>") ? "<unk>" : null, EndOfWordSuffix = "</w>" };
        return Build(training, normalizer, preTokenizer, new BpeModel(new Vocabulary(result.Tokens), Merges(result), options), null, new BpeDecoder("</w>"));
    }

    private static Tokenizer WordLevel(IEnumerable<string> texts, WordLevelTraining training)
    {
        if (!Has(training, training.UnknownToken)) throw new ArgumentException($"The unknown token '{training.UnknownToken}' must be one of the special tokens.", nameof(training));
        INormalizer? normalizer = training.Lowercase ? new LowercaseNormalizer() : null;
        var preTokenizer = new WhitespacePreTokenizer();
        var tokens = WordLevelTrainer.Train(WordCounts.Count(texts, normalizer, preTokenizer), training.VocabularySize, training.MinFrequency, training.SpecialTokens);
        return Build(training, normalizer, preTokenizer, new WordLevelModel(new Vocabulary(tokens), training.UnknownToken), null, null);
    }

    private static Tokenizer Unigram(IEnumerable<string> texts, UnigramTraining training, CancellationToken cancellation)
    {
        if (training.ShrinkingFactor is not (> 0 and < 1)) throw new ArgumentException("The shrinking factor must lie between 0 and 1.", nameof(training));
        var normalizer = new UnicodeNormalizer(UnicodeForm.Nfkc);
        var space = new Metaspace(new Rune('\u2581'), PrependScheme.Always, Split: true);
        var preTokenizer = new MetaspacePreTokenizer(space);
        var options = new UnigramTrainerOptions
        {
            VocabularySize = training.VocabularySize,
            SpecialTokens = training.SpecialTokens,
            UnknownToken = training.UnknownToken,
            MaxPieceLength = training.MaxPieceLength,
            ShrinkingFactor = training.ShrinkingFactor,
        };
        var (pieces, unknown) = UnigramTrainer.Train(WordCounts.Count(texts, normalizer, preTokenizer), options, cancellation);
        var model = new UnigramModel(pieces, unknown, byteFallback: false);
        var template = Has(training, "</s>")
            ? RecipeParts.Template(model.Vocabulary.FindText, [("$A", 0), ("</s>", 0)], [("$A", 0), ("</s>", 0), ("$B", 0), ("</s>", 0)])
            : null;
        return Build(training, normalizer, preTokenizer, model, template, new MetaspaceDecoder(space));
    }

    private static bool Has(TokenizerTraining training, string token) => training.SpecialTokens.Contains(token);

    private static NamedToken Named(ITokenModel model, string token) => new(token, model.Vocabulary.Find(token));

    private static List<(string Left, string Right)> Merges(PairTrainerResult result) => [.. result.Merges.Select(m => (m.Left, m.Right))];

    private static PairTrainerOptions Options(TokenizerTraining training) => new()
    {
        VocabularySize = training.VocabularySize,
        MinFrequency = training.MinFrequency,
        LimitAlphabet = training.LimitAlphabet,
        SpecialTokens = training.SpecialTokens,
    };

    private static Tokenizer Build(
        TokenizerTraining training, INormalizer? normalizer, IPreTokenizer preTokenizer, ITokenModel model, IPostProcessor? processor, IDecoder? decoder)
    {
        var special = RecipeParts.SpecialTokens(model.Vocabulary.FindText, Has(training, "<s>") ? "<mask>" : null, training.SpecialTokens);
        var added = new AddedVocabulary(special, model.Vocabulary, normalizer);
        return new Tokenizer(new TokenizerPipeline(added, normalizer, preTokenizer, model, processor, decoder), new TokenizerSettings());
    }
}
