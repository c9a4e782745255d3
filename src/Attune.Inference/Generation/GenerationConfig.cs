using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Inference.Generation;

/// <summary>
/// Generation settings as Hugging Face writes them: <c>generation_config.json</c>, the older fields of <c>config.json</c>, the arguments of
/// generate(). A field that is there takes the place of what options say; null takes the setting back.
/// </summary>
public static class GenerationConfig
{
    /// <summary>The name of the file in a model's folder.</summary>
    public const string FileName = "generation_config.json";

    private static readonly Dictionary<string, Func<JsonFields, string, GenerationOptions, GenerationOptions>> Readers = new()
    {
        ["max_new_tokens"] = (f, n, o) => f.Has(n) ? o with { MaxNewTokens = f.Size(n), MaxLength = null } : o,
        ["max_length"] = (f, n, o) => f.Has("max_new_tokens") || !f.Has(n) ? o : o with { MaxNewTokens = int.MaxValue, MaxLength = f.Size(n) },
        ["min_length"] = (f, n, o) => o with { MinLength = f.Int(n, 0) },
        ["min_new_tokens"] = (f, n, o) => o with { MinNewTokens = f.Int(n, 0) },
        ["num_beams"] = (f, n, o) => o with { Beams = f.Size(n, 1) },
        ["length_penalty"] = (f, n, o) => o with { LengthPenalty = (float)f.Float(n, 1) },
        ["early_stopping"] = (f, n, o) => o with { EarlyStopping = Stopping(f, n) },
        ["num_return_sequences"] = (f, n, o) => o with { Returns = f.Size(n, 1) },
        ["do_sample"] = (f, n, o) => o with { Sample = f.Bool(n, false) },
        ["temperature"] = (f, n, o) => o with { Temperature = (float)f.Float(n, 1) },
        ["top_h"] = (f, n, o) => o with { TopH = (float?)f.FloatOrNull(n) },
        ["top_k"] = (f, n, o) => o with { TopK = Above(f.IntOrNull(n), 0) },
        ["top_p"] = (f, n, o) => o with { TopP = (float?)f.FloatOrNull(n) },
        ["min_p"] = (f, n, o) => o with { MinP = (float?)f.FloatOrNull(n) },
        ["typical_p"] = (f, n, o) => o with { TypicalP = f.FloatOrNull(n) is { } mass and < 1 ? (float)mass : null },
        ["epsilon_cutoff"] = (f, n, o) => o with { EpsilonCutoff = (float?)f.FloatOrNull(n) },
        ["eta_cutoff"] = (f, n, o) => o with { EtaCutoff = (float?)f.FloatOrNull(n) },
        ["repetition_penalty"] = (f, n, o) => o with { RepetitionPenalty = (float)f.Float(n, 1) },
        ["encoder_repetition_penalty"] = (f, n, o) => o with { EncoderRepetitionPenalty = (float)f.Float(n, 1) },
        ["no_repeat_ngram_size"] = (f, n, o) => o with { NoRepeatNgram = Above(f.IntOrNull(n), 0) },
        ["encoder_no_repeat_ngram_size"] = (f, n, o) => o with { EncoderNoRepeatNgram = Above(f.IntOrNull(n), 0) },
        ["bad_words_ids"] = (f, n, o) => o with { BadWords = Runs(f, n) },
        ["sequence_bias"] = (f, n, o) => o with { SequenceBiases = Biases(f, n) },
        ["suppress_tokens"] = (f, n, o) => o with { SuppressedIds = f.IntArrayOrNull(n) ?? [] },
        ["begin_suppress_tokens"] = (f, n, o) => o with { SuppressedFirstIds = f.IntArrayOrNull(n) ?? [] },
        ["forced_bos_token_id"] = (f, n, o) => o with { ForcedFirstId = f.IntOrNull(n) },
        ["forced_eos_token_id"] = (f, n, o) => o with { ForcedLastIds = Ids(f, n) ?? [] },
        ["exponential_decay_length_penalty"] = (f, n, o) => o with { LengthDecay = Decay(f, n) },
        ["renormalize_logits"] = (f, n, o) => o with { Renormalize = f.Bool(n, false) },
        ["eos_token_id"] = (f, n, o) => o with { EndIds = Ids(f, n) },
        ["decoder_start_token_id"] = (f, n, o) => o with { StartId = f.IntOrNull(n) },
        ["stop_strings"] = (f, n, o) => o with { StopStrings = Strings(f, n) },
        ["use_cache"] = (f, n, o) => o with { UseCache = f.Bool(n, true) },
    };

    // Nothing that is written depends on these: filler, reports, and where results are kept.
    private static readonly HashSet<string> Immaterial =
    [
        "pad_token_id", "bos_token_id", "transformers_version", "_from_model_config", "output_scores", "output_logits", "output_attentions",
        "output_hidden_states", "return_dict_in_generate", "cache_implementation", "max_time", "remove_invalid_values",
    ];

    // Settings that would change what is written and that Attune does not have, each with the values that leave them without effect.
    private static readonly Dictionary<string, double[]> Refused = new()
    {
        ["num_beam_groups"] = [1],
        ["diversity_penalty"] = [0],
        ["penalty_alpha"] = [0],
        ["guidance_scale"] = [1],
        ["force_words_ids"] = [],
        ["constraints"] = [],
        ["forced_decoder_ids"] = [],
        ["dola_layers"] = [],
        ["watermarking_config"] = [],
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What holds where it says nothing.</param>
    /// <exception cref="AttuneFormatException">The file cannot be read, a field is not what it should be, or asks for what Attune does not have.</exception>
    public static GenerationOptions Load(string path, GenerationOptions options) => ReadWhole(JsonFields.Load(path), options);

    /// <summary>Reads every setting that a file has, which together must make sense.</summary>
    internal static GenerationOptions ReadWhole(JsonFields fields, GenerationOptions options)
    {
        if (Refused.Keys.FirstOrDefault(name => Asks(fields, name)) is { } refused)
            throw fields.Error(refused, "absent: Attune does not have this setting");
        GenerationOptions read = Read(fields, options);
        return read.Fault() is ({ } name, var found, { } expected)
            ? throw new AttuneFormatException(fields.Path, name, string.Create(CultureInfo.InvariantCulture, $"{found}"), expected)
            : read;
    }

    /// <summary>Reads every setting that a file has.</summary>
    /// <param name="fields">The file.</param>
    /// <param name="options">What holds where it says nothing.</param>
    /// <exception cref="AttuneFormatException">A field is not what it should be.</exception>
    public static GenerationOptions Read(JsonFields fields, GenerationOptions options)
    {
        foreach ((string name, var read) in Readers)
        {
            if (fields.Node.ContainsKey(name))
                options = read(fields, name, options);
        }
        return options;
    }

    /// <summary>The first field, with a value, that Attune does not know; null if there is none.</summary>
    public static string? Unknown(JsonFields fields) =>
        fields.Keys.FirstOrDefault(name => Refused.ContainsKey(name) ? Asks(fields, name) : !Readers.ContainsKey(name) && !Immaterial.Contains(name) && fields.Has(name));

    // Whether a setting that Attune does not have is there with a value that would change something.
    private static bool Asks(JsonFields fields, string name) =>
        fields.Raw(name) is { } value && !(value is JsonValue number && number.TryGetValue(out double found) && Refused[name].Contains(found));

    private static int? Above(int? value, int least) => value > least ? value : null;

    private static EarlyStopping Stopping(JsonFields fields, string name) => fields.Raw(name) switch
    {
        null => EarlyStopping.WhenUnlikely,
        JsonValue value when value.TryGetValue(out string? text) => text == "never" ? EarlyStopping.Never : throw fields.Error(name, "true, false or \"never\""),
        _ => fields.Bool(name) ? EarlyStopping.WhenFull : EarlyStopping.WhenUnlikely,
    };

    private static IReadOnlyList<int>? Ids(JsonFields fields, string name) => fields.Raw(name) switch
    {
        null => null,
        JsonArray => fields.IntArray(name),
        _ => [fields.Int(name)],
    };

    private static IReadOnlyList<string> Strings(JsonFields fields, string name) =>
        fields.Raw(name) is JsonValue ? [fields.String(name)] : fields.StringArrayOrNull(name) ?? [];

    private static IReadOnlyList<IReadOnlyList<int>> Runs(JsonFields fields, string name)
    {
        if (fields.Raw(name) is not { } node)
            return [];
        return node is JsonArray runs && runs.All(run => Run(run) is not null)
            ? [.. runs.Select(run => Run(run)!)]
            : throw fields.Error(name, "an array of arrays of token ids");
    }

    private static IReadOnlyList<BiasedSequence> Biases(JsonFields fields, string name)
    {
        if (fields.Raw(name) is not { } node)
            return [];
        BiasedSequence? Read(JsonNode? entry) => entry is JsonArray { Count: 2 } pair && Run(pair[0]) is { } run && pair[1] is JsonValue bias
            && bias.TryGetValue(out double amount) ? new BiasedSequence(run, (float)amount) : null;
        return node is JsonArray entries && entries.All(entry => Read(entry) is not null)
            ? [.. entries.Select(entry => Read(entry)!)]
            : throw fields.Error(name, "an array of pairs of token ids and a number");
    }

    private static IReadOnlyList<int>? Run(JsonNode? node)
    {
        if (node is not JsonArray { Count: > 0 } items)
            return null;
        int[] ids = new int[items.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            if (items[i] is not JsonValue value || !value.TryGetValue(out ids[i]))
                return null;
        }
        return ids;
    }

    private static LengthDecay? Decay(JsonFields fields, string name) => fields.FloatArrayOrNull(name) switch
    {
        null => null,
        [var after, var factor] when after is >= 0 and <= int.MaxValue => new LengthDecay((int)after, (float)factor),
        _ => throw fields.Error(name, "a number of tokens and a factor"),
    };
}
