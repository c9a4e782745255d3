using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Tokenizers;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Recipes;

/// <summary>
/// The <c>model</c> of a recipe: a folder to start from (<c>from</c>), or a <c>family</c> with a <c>config</c> in the family's own keys,
/// as in a published <c>config.json</c>, and a <c>mixer</c> to stand in place of the family's own.
/// </summary>
internal static class RecipeModel
{
    private const string MixerKey = "mixer";

    /// <summary>Makes the model with its values.</summary>
    public static (Model Model, IFamily Family) Make(
        RecipeFields recipe, ILearnable learnable, Tokenizer tokenizer, IReadOnlyList<string> labels, ulong seed)
    {
        RecipeFields fields = recipe.Child("model");
        if (fields.PathOrNull("from") is { } folder)
        {
            (_, IFamily known) = ModelFolder.ReadConfig(folder, Catalog.Backbones.All);
            var load = new LoadOptions { Heads = learnable.Heads, MissingHeads = MissingHeads.NewInitialized, Trainable = true, Seed = seed };
            Model loaded = ModelFolder.Load(folder, Catalog.Backbones.All, load).Model;
            if (FromGenerator(fields))
                GeneratorStart.Copy(loaded);
            Name(loaded.Config, labels);
            return (loaded, known);
        }
        (Model model, IFamily family) = New(fields, learnable, tokenizer, tokenizer.VocabularySize, labels);
        model.Initialize(seed);
        return (model, family);
    }

    /// <summary>Declares the model without values, which takes next to no time and memory.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="learnable">What it is trained on.</param>
    /// <param name="tokenizer">The tokenizer, or one with its special tokens.</param>
    /// <param name="vocabularySize">The tokens that it has or will have.</param>
    /// <param name="labels">The names of the classes.</param>
    public static Model Declare(RecipeFields recipe, ILearnable learnable, Tokenizer tokenizer, int vocabularySize, IReadOnlyList<string> labels)
    {
        RecipeFields fields = recipe.Child("model");
        if (fields.PathOrNull("from") is not { } folder)
            return New(fields, learnable, tokenizer, vocabularySize, labels).Model;
        (JsonFields config, IFamily family) = ModelFolder.ReadConfig(folder, Catalog.Backbones.All);
        _ = FromGenerator(fields);
        return ModelFolder.Declare(folder, config, family, learnable.Heads);
    }

    private static (Model Model, IFamily Family) New(
        RecipeFields fields, ILearnable learnable, Tokenizer tokenizer, int vocabularySize, IReadOnlyList<string> labels)
    {
        IFamily family = Catalog.Backbones.Get(fields.Text("family"));
        JsonObject config = Config(fields.Child("config"));
        config["model_type"] = family.ModelType;
        config["vocab_size"] ??= vocabularySize;
        if (tokenizer.Special.Pad is { } pad)
            config["pad_token_id"] ??= pad;
        Name(config, labels);
        Model model = family.Declare(new JsonFields(config, $"{fields.File}, model.config"), learnable.Heads);
        if (Mixer(fields) is { } mixer)
            model.ReplaceMixers(new JsonFields(mixer, $"{fields.File}, model.mixer"));
        return (model, family);
    }

    private static bool FromGenerator(RecipeFields fields) => fields.Flag("body_from_generator", false);

    private static void Name(JsonObject config, IReadOnlyList<string> labels)
    {
        if (labels.Count > 0)
            ModelFolder.SetLabelNames(config, labels);
    }

    /// <summary>The mixer: its name alone, or a mapping with its settings.</summary>
    private static JsonObject? Mixer(RecipeFields fields)
    {
        if (!fields.Has(MixerKey))
            return null;
        return fields.IsMapping(MixerKey) ? Config(fields.Child(MixerKey)) : new JsonObject { [MixerSettings.KindKey] = fields.Text(MixerKey) };
    }

    /// <summary>The settings as JSON. The family's own reader checks them.</summary>
    private static JsonObject Config(RecipeFields fields)
    {
        fields.TakeAll();
        return (JsonObject)Json(fields.Node)!;
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Json(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Scalar(plain.Value ?? ""),
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => null,
    };

    private static JsonNode? Scalar(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
