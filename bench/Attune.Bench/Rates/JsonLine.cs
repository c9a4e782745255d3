using System.Text;
using System.Text.Json;

namespace Attune.Bench.Rates;

/// <summary>What a turn prints.</summary>
internal static class JsonLine
{
    /// <summary>An object of texts, numbers, rows of numbers and ready JSON in one line.</summary>
    public static string Of(params IReadOnlyList<(string Name, object Value)> fields)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            foreach ((string name, object value) in fields)
            {
                switch (value)
                {
                    case double number:
                        json.WritePropertyName(name);
                        Write(json, number);
                        break;
                    case int number: json.WriteNumber(name, number); break;
                    case long number: json.WriteNumber(name, number); break;
                    case IEnumerable<double> numbers:
                        json.WriteStartArray(name);
                        foreach (double one in numbers)
                            Write(json, one);
                        json.WriteEndArray();
                        break;
                    case IEnumerable<JsonElement> elements:
                        json.WriteStartArray(name);
                        foreach (JsonElement one in elements)
                            one.WriteTo(json);
                        json.WriteEndArray();
                        break;
                    default: json.WriteString(name, value.ToString()); break;
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    // What took no measurable time has no rate, and JSON no infinity.
    private static void Write(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
            json.WriteNumberValue(Math.Round(number, 4));
        else
            json.WriteNullValue();
    }
}
