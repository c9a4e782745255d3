using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Loading;

/// <summary>BERT's pipeline around a <c>vocab.txt</c>.</summary>
internal static class WordPieceRecipe
{
    /// <summary>Builds the tokenizer.</summary>
    public static Tokenizer Build(Vocabulary vocabulary, TokenizerSettings settings)
    {
        var (first, separator) = (settings.Role("cls_token", "[CLS]"), settings.Role("sep_token", "[SEP]"));
        var unknown = settings.Role("unk_token", "[UNK]");
        var normalizer = new BertNormalizer(
            true, settings.Switch("tokenize_chinese_chars") ?? true, settings.Switch("strip_accents"), settings.Switch("do_lower_case") ?? true);
        var special = RecipeParts.SpecialTokens(vocabulary.FindText, null, settings.Role("pad_token", "[PAD]"), unknown, first, separator, settings.Role("mask_token", "[MASK]"));
        var framed = vocabulary.Find(first) >= 0 && vocabulary.Find(separator) >= 0;
        var pipeline = new TokenizerPipeline(
            new AddedVocabulary(special, vocabulary, normalizer),
            normalizer,
            new BertPreTokenizer(),
            new WordPieceModel(vocabulary, unknown),
            framed ? RecipeParts.Template(vocabulary.FindText, [(first, 0), ("$A", 0), (separator, 0)], [(first, 0), ("$A", 0), (separator, 0), ("$B", 1), (separator, 1)]) : null,
            new WordPieceDecoder("##", cleanup: true));
        return new Tokenizer(pipeline, settings);
    }
}
