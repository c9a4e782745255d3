using System.Text;
using Attune.Formats;
using Attune.Tokenizers.AddedTokens;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Patterns;
using Attune.Tokenizers.Pipeline;
using Attune.Tokenizers.PostProcessors;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Loading;

/// <summary>The pipelines around a SentencePiece model: those of T5, ALBERT and XLNet, and of models with byte fallback.</summary>
internal static class SentencePieceRecipe
{
    private static readonly Rune Mark = new('\u2581');

    /// <summary>Builds the tokenizer.</summary>
    /// <exception cref="AttuneFormatException">The model's pieces do not make a vocabulary.</exception>
    public static Tokenizer Build(SentencePieceModel model, TokenizerFamilyKind family, TokenizerSettings settings, string path)
    {
        var pieces = model.Pieces.Select(p => (p.Text, (double)p.Score)).ToList();
        if (family == TokenizerFamilyKind.T5) AddSentinels(pieces, settings);
        var duplicate = pieces.GroupBy(p => p.Text).FirstOrDefault(g => g.Count() > 1);
        if (duplicate is not null) throw new AttuneFormatException(path, "pieces", $"'{duplicate.Key}' twice", "pieces that are all different");
        if (model.SpaceAsSuffix) throw new AttuneFormatException(path, "trainer_spec.treat_whitespace_as_suffix", "true", "false", "No component adds a space behind a text; use a model whose spaces begin words.");
        ITokenModel tokens = model.IsBpe
            ? PairEncoding(model)
            : new UnigramModel(pieces, model.UnknownId, model.ByteFallback);
        // What the user defined is a token wherever it stands; the converted tokenizers of the other families know nothing of it.
        AddedToken[] userDefined = family == TokenizerFamilyKind.Plain
            ? [.. model.Pieces.Where(p => p.Kind == PieceKind.UserDefined).Select(p => new AddedToken(tokens.Vocabulary.FindText(p.Text), p.Text))]
            : [];
        // Cutting at white space removes extra spaces and marks each piece, also one behind an added token or without a visible space before the text.
        var cutsAtSpaces = !model.IsBpe && model.SplitsAtSpaces && model.AddDummyPrefix && model.RemoveExtraSpaces && userDefined.Length == 0;
        var normalizer = Normalizer(model, family, settings, cutsAtSpaces);
        var mask = settings.Role("mask_token", "<mask>");
        var takesSpace = family is TokenizerFamilyKind.Albert or TokenizerFamilyKind.XlNet ? mask : null;
        var special = model.Pieces.Where(p => p.Kind is PieceKind.Control or PieceKind.Unknown).Select(p => p.Text)
            .Concat(settings.Roles.Values).Concat(settings.ExtraSpecialTokens()).Concat(pieces.Skip(model.Pieces.Count).Select(p => p.Text));
        var pipeline = new TokenizerPipeline(
            new AddedVocabulary([.. RecipeParts.SpecialTokens(tokens.Vocabulary.FindText, takesSpace, special), .. userDefined], tokens.Vocabulary, normalizer),
            normalizer,
            PreTokenizer(model, cutsAtSpaces),
            tokens,
            PostProcessor(tokens.Vocabulary, family, settings),
            Decoder(model));
        return new Tokenizer(pipeline, settings);
    }

    // T5 counts its sentinels down: the first has the highest id.
    private static void AddSentinels(List<(string Text, double Score)> pieces, TokenizerSettings settings)
    {
        var count = settings.Config.TryGetPropertyValue("extra_ids", out var node) && node is System.Text.Json.Nodes.JsonValue value && value.TryGetValue<int>(out var given) ? given : 100;
        for (var i = Math.Clamp(count, 0, 10_000) - 1; i >= 0; i--) pieces.Add(($"<extra_id_{i}>", 0));
    }

    private static BpeModel PairEncoding(SentencePieceModel model)
    {
        var ids = new Dictionary<string, int>();
        for (var id = 0; id < model.Pieces.Count; id++) ids[model.Pieces[id].Text] = id;
        var options = new BpeOptions { FuseUnknown = true, ByteFallback = model.ByteFallback, UnknownToken = model.ByteFallback ? null : model.Pieces[model.UnknownId].Text };
        return new BpeModel(new Vocabulary(ids), SentencePieceMerges.Derive(model, ids), options);
    }

    private static INormalizer? Normalizer(SentencePieceModel model, TokenizerFamilyKind family, TokenizerSettings settings, bool cutsAtSpaces)
    {
        var members = new List<INormalizer>();
        if (family is TokenizerFamilyKind.Albert or TokenizerFamilyKind.XlNet)
        {
            members.Add(new ReplaceNormalizer(new PatternField("``", false, TextPattern.Literal("``")), "\""));
            members.Add(new ReplaceNormalizer(new PatternField("''", false, TextPattern.Literal("''")), "\""));
            if (settings.Switch("keep_accents") is not true)
            {
                members.Add(new UnicodeNormalizer(UnicodeForm.Nfkd));
                members.Add(new StripAccentsNormalizer());
            }

            if (settings.Switch("do_lower_case") ?? family == TokenizerFamilyKind.Albert) members.Add(new LowercaseNormalizer());
        }

        if (model.CharacterMap is { } map) members.Add(new PrecompiledNormalizer(map));
        if (model.RemoveExtraSpaces && !cutsAtSpaces)
        {
            members.Add(new StripNormalizer(false, true));
            members.Add(new ReplaceNormalizer(new PatternField(" {2,}", true, TextPattern.Parse(" {2,}")), " "));
        }

        return members.Count switch
        {
            0 => null,
            1 => members[0],
            _ => new NormalizerSequence([.. members]),
        };
    }

    private static IPreTokenizer PreTokenizer(SentencePieceModel model, bool cutsAtSpaces) => cutsAtSpaces
        ? new PreTokenizerSequence([new WhitespaceSplit(), new MetaspacePreTokenizer(new Metaspace(Mark, PrependScheme.Always, Split: true))])
        : new MetaspacePreTokenizer(new Metaspace(Mark, model.AddDummyPrefix ? PrependScheme.First : PrependScheme.Never, Split: !model.IsBpe && model.SplitsAtSpaces));

    private static IPostProcessor? PostProcessor(Vocabulary vocabulary, TokenizerFamilyKind family, TokenizerSettings settings)
    {
        var (first, separator) = (settings.Role("cls_token", "[CLS]"), settings.Role("sep_token", "[SEP]"));
        var (begin, end) = (settings.Role("bos_token", "<s>"), settings.Role("eos_token", "</s>"));
        return family switch
        {
            TokenizerFamilyKind.T5 when Has(end) => Template([("$A", 0), (end, 0)], [("$A", 0), (end, 0), ("$B", 0), (end, 0)]),
            TokenizerFamilyKind.Albert when Has(first) && Has(separator) =>
                Template([(first, 0), ("$A", 0), (separator, 0)], [(first, 0), ("$A", 0), (separator, 0), ("$B", 1), (separator, 1)]),
            TokenizerFamilyKind.XlNet when Has(first) && Has(separator) =>
                Template([("$A", 0), (separator, 0), (first, 2)], [("$A", 0), (separator, 0), ("$B", 1), (separator, 1), (first, 2)]),
            TokenizerFamilyKind.Plain when Has(begin) => Template([(begin, 0), ("$A", 0)], [(begin, 0), ("$A", 0), (begin, 1), ("$B", 1)]),
            _ => null,
        };

        bool Has(string token) => vocabulary.Find(token) >= 0;
        TemplateProcessing Template((string, int)[] single, (string, int)[] pair) => RecipeParts.Template(vocabulary.FindText, single, pair);
    }

    private static IDecoder Decoder(SentencePieceModel model)
    {
        if (!model.IsBpe) return new MetaspaceDecoder(new Metaspace(Mark, model.AddDummyPrefix ? PrependScheme.Always : PrependScheme.Never, Split: true));
        var mark = Mark.ToString();
        return new DecoderSequence(
            [new ReplaceDecoder(new PatternField(mark, false, TextPattern.Literal(mark)), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(new Rune(' '), 1, 0)]);
    }
}
