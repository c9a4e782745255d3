using Attune.Formats;
using Attune.Objectives.Entities;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>The <c>entities</c> of a recipe: a JSONL file with the <c>name</c> of an entity and, if there are some, its <c>vector</c> in each line.</summary>
internal static class RecipeEntities
{
    public static EntityLexicon Read(string path, ITokenizer tokenizer)
    {
        List<int[]> mentions = [];
        List<float[]> vectors = [];
        int? width = null;
        foreach (JsonFields line in JsonLines.Read(path))
        {
            mentions.Add([.. tokenizer.Encode(line.String("name"), options: new EncodeOptions { AddSpecialTokens = false }).Ids]);
            IReadOnlyList<double>? vector = line.FloatArrayOrNull("vector");
            width ??= vector?.Count ?? 0;
            if ((vector?.Count ?? 0) != width)
                throw line.Error("vector", width == 0 ? "nothing, as in the first line" : $"{width} numbers, as in the first line");
            vectors.Add([.. (vector ?? []).Select(number => (float)number)]);
        }
        if (mentions.Count == 0)
            throw new AttuneFormatException("the file holds no entities: each line is a JSON object with a name.", path);
        return new EntityLexicon(mentions, width > 0 ? [.. vectors] : null);
    }
}
