/** Small Parquet files for tests, deflated and in Base64: columns of every kind, as another writer writes them. */

import { inflateSync } from "node:zlib";

export const parquetSamples = {
  /** Version 1 pages, GZIP, dictionaries; 30 rows in two row groups; every seventh value is missing. */
  gzipDictionaries: sample(
    "eNqdVgtQU1caPvckXBCJhnjPMQGUyOP0aoEFBIpsqsgiw7qRocwWrWPtDSHV7PJIIa1gbTfiA4qMo9Zqt512kQr11YdWxRa6pQoqxUfLlNruMi" +
      "vrsrO0g9ZafNR2Ye8jpIRcUrJ3Msm5597zf9//+vLnLs5LQErUBlGFEbEIaAAI3xYAhAsqYjt+Cx1qANIP1jRcH/nT0/Hlf1Y3dXx2+KFvcy4t" +
      "XLXquftl5Xevn3tn0cjsRcsVzfX8GQRQHMqP4S2pEY3oMG3ADCBd2gDnAmDAyuwGB4Ox0OYCjvuUK7QsH7ANHvt8RaU9/8THc3NoGmyKeaNopo" +
      "CkRDEox8ijuHM2P8lx2TkxBX550UsaO78ypp/958OAnmf7EEv09Cj7Z3opNAvPtGoVZlPZeHwTx3Ejw6/ufeFhy65qdaQCdKYlaNQS8A6Iaikj" +
      "ihgPzaXTiwbnJFUrNu9xdJflrpyy9HCGVcW+pdoXGlS/IZK9qv3koS23LtZvmMoWq1DzUwBcNBberJGIJaIVY+Mm2nQY0l0RcmCaldmdiPdLj+" +
      "87c7Qrz/zvzx7rgekJNPgwx2zSSVAYLRSggARFUVoK8MbF3wnMrbuOaHCvgfl2qhSBGgrZPQOgOtOpcugBiB8uYKLCNL01/71ydNn6QXXDm3ub" +
      "OwfNR/82OO2JN7suh597fuOFTDmvlbOX8TWhnMp/84TG3PnupZil03JZys1lTl3qOtu3oxA0he75cpOVvphaU/FMXOaGYtXLC2/+NTSiNCk04o" +
      "ljgRHD/1Jm9t6nM1vvLMi8OlyqrsxKWfxu6zb25ZJUU1DTdNuCTVaw3a86Qj6DbYG/Cb6iooUa189RCyshg567/49vALFG/svdM8VoLwlkpqGU" +
      "MXXOyjQXB8D0r94y+EsW9SjJKBgeV9EOkMWqQNfvgvVqyW6S4GSiy0nKs701rMzueCctHNc3ONDH9SkThod/+PG7d341XxF5uHYegNzrhhBXAm" +
      "WKLLZjwTSxyOKrQt6HIyMPKq53q7cPdDW/+F74R8M/tZz64P1nK9ZXKk4exB85E5OKVv+CJNGTkaQ1fGKurOw58YdgxYMtGdXmvY1nP3njvUN+" +
      "jtNBoLHK/n2YRFuL0mQiyYecjefgzq3g9vGh+qAJxMiWoIW2eC/Akc/uSIkEs6sOWp1aVE+h1UbEjIObYXKAR9hYurFj33Hl7j2bu/NyV4Ys7U" +
      "q3PsZn86Un13fljhLIiuEPj0ZmlisGzBix9tyVEWu1qdCE4gPnvkoVKkDPzk6D2ptI8wdSW6t12eQBfBQe3NXQ3V8Euov605wiHYIyfqaVAicU" +
      "aV7ruecuX2g/lPjCRgpcTf3HOZWzdCi01og0HuUMqF/7x/dw0xtn6Y9vity8sE+J1m2tbUlfSy8/0HpYAVrm36azJQ4RQm4Ydz1uW+JS3oXpGL" +
      "IyuxNQPD2PY/LOUv0AnBxqAcEShAalCRBuOgzldVgy07qbAg6Qkz1F8jIbrfB08sW7Fi4XFCzR58MCpM/3K0jW5/sXqPQ0+LJudVCUnHNKVhTa" +
      "cEF2ITvmbvLOiCF/XibkN1WaVkFtP/1LQFNoHHZ8rTitUn+n+15/rfmLjHbLnSrr1nvz1T9saf44CYQbPs+Rj376vr+PquayPHElRN9z1xfCk9" +
      "RQVxkyMjXPa+iPHb3BPmooi4wxKMybhtKT0VDBuUfzCvweuXv56n/WFL7WDsHG21+PMK58yFTHWGGI2r2nqrs7dyW9tCvDCoqG8lc5g08Efl5V" +
      "AU5GFXiN5x4/UbVt45ZH29j9dYrzfgDd9r8ww2eZ9JADeZl04e1Mrg0G83s+WCSpgW4wGWjpcvNaS7EJafiNaKiF1kKAgviFssRUbIkGRlG8A/" +
      "kNv3KbxcI/BMJbpX8ECPILRaGpMjrIWCTaEx6Y7NGMsU4TFiPVChQtlZZYQDK/sJvWlCOIaKOBf5as1CqLrOV2BKWj/pYiS7GlxC686WcrMpkt" +
      "SCk9oSokSlSlkw826GJ0RwgI431IBrRaJ9BGSsziWiX+BpLXKRLg24itixELHwpRVfM/hrm0jgBhOhBQgpwoYkxEnAMUvkWRXgW5BccNyx6WsF" +
      "3H26IjnLYCnbakcIrG+hTYoSDbadKv9G3AlWXtQgK6aBrohFyJKKvwZor0+xs85lpdmNDtHsehk6iQYtHASYjPQ3J/ChkI8D6ReqflSpnJPur9" +
      "KQXZpSLvTvVtOPQOA10546tPBPo93k+RI9PJwDRh7pM9LSR8LMlUsWTFMh0tT95UIr5B4SZIetWkTu3brOeJSthAXRYdBPTuyKzUAlSFSL1fgW" +
      "9A0j6DHNP4NqfJeZlCgwj3wh4Fk/K8i8K9FLmDSD1yn708SztT5zKHW2dilgTgIQzkWpPBvRC3QXJvJvkJ+zZRyfcmM0FvMriBwoMUaQohrbpx" +
      "M5KnA2lCb0LNRL3J4EsQX4Dk7TByINS3YUeWtQvJrTcZvAI7KDI0y+Ax67j3puv4uN5kcD+FX4FkIJwMzfY+tnin5d6bovfXIDkUQbbP8W3Y8A" +
      "4zvjcZqTePR5GbkcI8IXuamVRvhuFrYij6o8nuaN9mCJneZAJ0WVAJ8MS9yeBusa73s+TtB3ybCWR7EwLNxL3J4DoKf0GR9nnkxlz3P3zP0o7S" +
      "uczhb4Ixw/cdPs8AVm8zlT31tMUea7bZYk1lZaXr9M9YysqtpSX6xJS4+LgE3RH+P9bLB6TxUctdnJfwP4ixViE=",
  ),
  /** The same rows in version 2 pages, many per column; Brotli, no dictionaries. */
  brotliPages: sample(
    "eNqVVg1QFNcdf293b7lcDznO3efd3EUPhHVhwAGEC7U7FANadYBBzaTSkobrcRGUj8tx+DHTOqjEEiutZZyEmHRiKO0YQmLHsaZjHb1WS6mpMa" +
      "VpmmBrbLUZY6wmlqn1q/a9t7fL3hejcLf39r/v/d7v/T9+/61fsrpY5MVeKC5sFG0ioF9OBJluhzkNqH8Oc3QAEJCTWDMz8cUGXV8FgPPy1nNt" +
      "kT3LTt+6UtG39AxMhZ2ho5gN2IlWA/ap9LHBNz+qnL9XyK5dvm5V11yMXS3mN4pmDGuehp6tg9gM0IlWCm2GrnmYdkdk94oA21+/uu/wgZdZDP" +
      "weFJ9pFD0Y04OReYLs5WTm5DEH6/eF6FLTzTuuZgDcr696+g/XvrHfU1PHWnenZ3wrOL7t5JzewTnLLxQrL4b+Mdv35uZ3Pp8rVpW9QbzhFUsI" +
      "Y2aasZeRTeFQt3/DNDSb7nJgVi/52eJhT8a/yk4XloV3/WzHOcLsk0Rm0VD0eCv1oPQgTk5i1Yl3AlD92NstfdIOjxnduvXZmWdfGzvJu8cbIu" +
      "X9Gx8Z999f85K8c3bzyiNrQ99fdJ4QLxVLY4jb9W0VfYPySsTISazRQ2m36u9XKrWJGN0m2kiOMPjLR9EhdECA8eivinCTIdfCB55/h87P0+ar" +
      "7GeYn07nEy/vgWJNoyjjkaxmF/YyN7cW5w/3JXxFvGy4o4vTbt5Jd1URt/72bv7LdZP/XjR7+ZK9YIgfrB977omdrR/94LN7LqAGcD9MiGAE8p" +
      "l/SedJWXmybGREIphoNUbw0vXO/7WfgE8Odn8q7ZsM/H0K/KkF3iz6+by1g93/5I9ahXez3vHuFeS8py7aq+ryX19/8Y/bN20/1jAxeuGE5/4L" +
      "4R9+cZdZO7jSwqUIb8RSpe1eLdIRCW+iVQtv9LZnfBH91SZSj3PEmzL1JkX3yniNTJ5FoFhO3GERHfihReSJO2Ci9ljkJFbVHX19pnt3733h+j" +
      "oAw4DZZ6navWpZ9hPdPQPrSCybiEjY8cFsM+KbU+ObgeleLQtcCyj+LkuAcZI8ugLFiulAWuKVTUfm5CRWFTl/ZNcICeWp9kj91Q815fQULxye" +
      "GFucQfUifzoufEqFY1IqHDsEXHMwb+jJkZqjEufCSIegWB1HnihcsNjBBIsM5NZgIfpy86uD47VnS6zF4z39xY03+m3Htha+8R5R4Pw4fnaiZ0" +
      "YUvD+pqmCR4RptOUUJbcGln0EwaHeiNbYtlP+kzNXSO/D48COfFqx/l4Q8R8xuJJjal2A/qqO4DdiJVorNQRcOWQ4sXzySudLyo50kFH1UeQV8" +
      "VkHvCUxcT7jOuiq1nnDIUzPLGXoa+irXfr69apZ76wBg27d9r+C7GabatIMNO862PRm2Eml9AYp1ccDRPIks1VW0YlpbY6z6vl/DrKeazj7/6w" +
      "0vzv/22LbejPW+xxrQ+JpfXPiVUH/8b02/v88/sHBep0KYq81XvRg7Hxjmc5DOJ2epExfHH4WTqVLOq6V5arjTqc/HEOGS0RAb+nGDtGe7DHOq" +
      "lv+0v/tE1DmhBOdUvnZO06Da1boyJVqNzjkV2jSFDpfuSFvBtG4z/bep9f0PlMiRVxes+uafefa5Rb0tB7OCZy4JV7i3684Pb10yufk7mnAJ9F" +
      "8TLpKDAmGyHxLNdOCRfUZh4VMLSzZj+vjsx4DQw8IyYfMfWDF8+2rFQCltPNEcZujWXAp0kBKdZTiWZjFzmshKmOTwPiq2mjct8ZUhGPTk0eRV" +
      "Zxo5YKGET+X59zZdHEgvfXxF1kRvGJV9sAVvsDEBP04P1PVlOOJSqHD4d/95ZanzmRuDBVzFUwdniZzzahlw8F3+lkC7T7Tjc+cyDqa1GYhWPO" +
      "A6fO2BXFBDKlW0YIOpKxgI4IeAzOrcgF2FB2yzb0uutaaNTKLLfeFcoWa33V1AD0HncB2dHQFQhgdh37ouzJavUfCzMs7BtbV2hUVGXZoWaAu0" +
      "BzrCZKYp2ObzB0ROfQI3q5TgligfpDgLnKMScOMz5PLASViLZiSjyyY0xElmxSjbIOmLqSF4Tjf2Hs4xoOTxTgmQXkmgrSo09QMFH2LRYUYa4R" +
      "QvbxSi6HIOKCjsxAB8dhTAogKofqMIoxwaZaXzvJL4NodfInk5iTVmgzwjPHCKvJNEgkLvZ/BH2mVRoorB64pBl/Pa8fTljMqOBJAC3IboCJRG" +
      "rMqMr15RLkwcmBYGX5hivcWhy6x0IV2Jea3RXrV4OYk19TkZLQ44iyh6OSqXxjMV/FITy4YEzsCmnKYbTTEttfDyEnSIQ1OM1GNXkla4PUWFG8" +
      "hJssW5jLcCT8x2spqzcDPliDe5zUhTQvJM5GfORNUDXh5kx6SitoMar2sM6mGka3NoNuolb0jGaqeOgfqykSyZ0SdOkKRsBHSURZcwllNJKk8g" +
      "hTzFxgsIyetGQO9DdAhKE24ltoFPBw8tJnXD2FPUjUCS+0Mo9c5VHqpTx2aHDm+sGwFFIP5If52nJHTmaN1wcctj60bARYOGoPRKljJj603BJa" +
      "Zu6DnvQul4tvJQTTcFdlzdCLRujuYouKfGrhAepG7caJJFlxnpRo7yUH3XWDeC2bmM4XBCpaobAQ0z6DdQmlygPFSjjDmPlwH2lHUjoOMQ9eB4" +
      "5SkxrdKQjDlOHQP9UkACrgv0lg3InqAv9Gx3IFzoDwYLfaFQ5ybPxkCoq7Wzw1PiXVi0sNg5invTDB8QSgOgfsnq4v8DQGyz4g==",
  ),
  /** One column with an integer beyond 2^53. */
  largeInteger: sample(
    "eNpVj8EKgzAMhtOuFI8ipFjooZeVCSpz4E67DHbcQXwDEWE7TF3tthfYgy8eF/gJ/PnzkTTntkKBFu2VGiQADP4qRsAEk5ymMUqUhjxOEoxtOA" +
      "qd15DKpb8Njw45oNjylI2ghDbaODCUqEHGmkwkVwUV3MVF2cqDdQEIy+GUSe1AEJcSwkUqwM7OnX++hlD081x03k8f+x78cp9GeziW+7LSZj3m" +
      "S2roix8UQBt6",
  ),
} as const;

function sample(text: string): Uint8Array {
  return inflateSync(Buffer.from(text, "base64"));
}
