using Attune.Formats;
using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Loading;

/// <summary>The pipelines around a <c>vocab.json</c> with <c>merges.txt</c>: GPT-2's, RoBERTa's and the first GPT's.</summary>
internal static class PairEncodingRecipe
{
    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="AttuneFormatException">A merge names a token that the vocabulary lacks.</exception>
    public static Tokenizer Build(Vocabulary vocabulary, List<(string Left, string Right)> merges, TokenizerFamilyKind family, TokenizerSettings settings, string path)
    {
        try
        {
            return new Tokenizer(family == TokenizerFamilyKind.OpenAiGpt ? OpenAiGpt(vocabulary, merges, settings) : ByteLevel(vocabulary, merges, family, settings), settings);
        }
        catch (ArgumentException e)
        {
            throw new AttuneFormatException(path, "merges", e.Message, "merges of tokens that vocab.json has");
        }
    }

    private static TokenizerPipeline ByteLevel(Vocabulary vocabulary, List<(string Left, string Right)> merges, TokenizerFamilyKind family, TokenizerSettings settings)
    {
        var prefix = settings.Switch("add_prefix_space") ?? false;
        var framed = family == TokenizerFamilyKind.Roberta;
        var (first, separator, mask) = (settings.Role("cls_token", "<s>"), settings.Role("sep_token", "</s>"), settings.Role("mask_token", "<mask>"));
        IEnumerable<string> names = framed
            ? [first, settings.Role("pad_token", "<pad>"), separator, settings.Role("unk_token", "<unk>"), mask, settings.Role("bos_token", first), settings.Role("eos_token", separator)]
            : [settings.Role("bos_token", "<|endoftext|>"), settings.Role("eos_token", "<|endoftext|>"), settings.Role("unk_token", "<|endoftext|>"), .. settings.Roles.Values];
        IPostProcessor processor = framed && vocabulary.Find(first) >= 0 && vocabulary.Find(separator) >= 0
            ? new RobertaProcessing(new NamedToken(separator, vocabulary.Find(separator)), new NamedToken(first, vocabulary.Find(first)), settings.Switch("trim_offsets") ?? true, prefix)
            : RecipeParts.Template(vocabulary.FindText, [("$A", 0)], [("$A", 0), ("$B", 1)]);
        return new TokenizerPipeline(
            new AddedVocabulary(RecipeParts.SpecialTokens(vocabulary.FindText, framed ? mask : null, names), vocabulary, null),
            null,
            new ByteLevelPreTokenizer(prefix, true, true),
            new BpeModel(vocabulary, merges, new BpeOptions { ContinuingSubwordPrefix = "", EndOfWordSuffix = "" }),
            processor,
            new ByteLevelDecoder(true, true, true));
    }

    private static TokenizerPipeline OpenAiGpt(Vocabulary vocabulary, List<(string Left, string Right)> merges, TokenizerSettings settings)
    {
        var unknown = settings.Role("unk_token", "<unk>");
        var normalizer = new BertNormalizer(true, true, null, true);
        return new TokenizerPipeline(
            new AddedVocabulary(RecipeParts.SpecialTokens(vocabulary.FindText, null, [unknown, .. settings.Roles.Values]), vocabulary, normalizer),
            normalizer,
            new BertPreTokenizer(),
            new BpeModel(vocabulary, merges, new BpeOptions { UnknownToken = unknown, ContinuingSubwordPrefix = "", EndOfWordSuffix = "</w>" }),
            RecipeParts.Template(vocabulary.FindText, [("$A", 0)], [("$A", 0), ("$B", 1)]),
            new BpeDecoder("</w>"));
    }
}
